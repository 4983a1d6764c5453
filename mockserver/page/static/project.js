// One project: its strip with the clock, and the four parts below it.

import { html } from './lit/lit-html.js';
import { follow, get, origin, report, request } from './api.js';
import { button, clockTime, day, duration, iso } from './words.js';
import { faultsPart } from './faults.js';
import { journalPart } from './journal.js';
import { timelinePart } from './timeline.js';
import { walksPart } from './walks.js';

const ADVANCES = [['+10 s', 10], ['+1 min', 60], ['+5 min', 300]];
const BUSY = 200;
const PARTS = 4;
const TICK_MS = 1000;

export function projectView(shell, view) {
	const id = view.address.parts[1];
	const path = `projects/${encodeURIComponent(id)}`;
	const project = {
		id, path, shell, view,
		info: null,
		preview: null,
		lastAdvance: 60,
		offset: 0,
		addressOf: (...parts) => shell.addressOf('p', id, ...parts),
		// The number of the walk or request in the address
		chosen: (kind) => (view.address.parts[2] === kind ? Number(view.address.parts[3]) : null),
		// The present instant, or the one that the reader drags the clock to
		now() {
			return this.preview ?? this.instant();
		},
		instant() {
			const { mode, now } = this.info.clock;
			return Date.parse(now) + (mode === 'real' && !report ? Math.round(performance.now() - this.offset) : 0);
		},
		control: (method, part, body, done) => shell.act(() => request(method, path + part, body), done),
		setClock: (method, part, body) => shell.act(async () => {
			project.info.clock = await request(method, `${path}/clock${part}`, body);
			project.offset = performance.now();
		}),
		advance(seconds) {
			this.lastAdvance = seconds;
			this.setClock('POST', '/advance', { by: seconds });
		},
		// Sets the clock to an instant, in its present mode
		moveTo: (instant) => project.setClock('PUT', '', { ...project.info.clock, now: iso(instant) }),
	};
	const timeline = timelinePart(project);
	const walks = walksPart(project);
	const journal = journalPart(project, walks);
	const faults = faultsPart(project);

	async function refresh(changed, signal) {
		const all = !changed || changed.length === PARTS; // as after a reset
		const has = (part) => all || changed.includes(part);
		if (all || changed.some((part) => part !== 'requests')) {
			project.info = await get(path, signal);
			project.offset = performance.now();
		}
		if (has('restores') || has('clock')) await timeline.refresh(signal, has('restores'));
		let fresh = 0;
		if (has('requests')) {
			fresh = await journal.refresh(signal, all);
			await walks.refresh(signal);
		}
		shell.update();
		return !all && fresh > BUSY;
	}

	const freezeOrRun = () =>
		project.setClock('PUT', '', { mode: project.info.clock.mode === 'real' ? 'frozen' : 'real' });
	const toNextChange = () => {
		const at = timeline.nextChange();
		if (at !== null) project.moveTo(at);
	};

	function snippets() {
		const backup = timeline.backup();
		const url = `${origin}/v1/projects/${id}${backup ? `/addons/${backup.addonId}/backups/${backup.backupId}/restores` : ''}`;
		const token = project.info.token ?? 'any-token';
		return [
			['URL', url],
			['token', token],
			['curl', `curl -s -H 'Authorization: Bearer ${token}' '${url}'`],
			['JavaScript', `const response = await fetch('${url}', { headers: { Authorization: 'Bearer ${token}' } });\nconsole.log(await response.json());`],
			['Python', `from urllib.request import Request, urlopen\nprint(urlopen(Request('${url}', headers={'Authorization': 'Bearer ${token}'})).read().decode())`],
		];
	}

	// How the clock moves, and how far from this machine's
	function mode({ mode, step }) {
		const by = project.instant() - Date.now();
		if (mode !== 'real' || report || Math.abs(by) < 5000) return step ? `${mode} by ${step}` : mode;
		return `real, ${duration(Math.abs(by))} ${by < 0 ? 'behind' : 'ahead'}`;
	}

	function strip() {
		const { info } = project;
		const now = project.now();
		const next = timeline.nextChange();
		const reset = () => shell.ask(`Reset project ${id}? It goes back to its scenario; its faults and its journal are deleted.`, 'Reset the project', () => project.control('POST', '/reset', undefined, 'The project was reset'));
		const controls = () => html`<div class="bar">
				${button(info.clock.mode === 'real' ? 'Freeze' : 'Run', freezeOrRun, '')}
				${ADVANCES.map(([label, seconds]) => button(label, () => project.advance(seconds), ''))}
				<button ?disabled=${next === null} @click=${toNextChange}>${next === null ? 'no next change' : `to next change (in ${duration(next - project.instant())})`}</button>
			</div>
			<div class="bar">${snippets().map(([what, text]) => button(`Copy ${what}`, () => shell.copy(text, what)))} ${button('Reset', reset, 'danger')}</div>`;
		return html`<section class="strip" aria-label="Clock">
			<div><time class="clock" datetime=${iso(now)}>${clockTime(now)}</time>
				<div class="quiet">${day(now)} UTC, ${mode(info.clock)}${project.preview === null ? '' : ' – dragging'}</div>
			</div>
			${report ? '' : controls()}
		</section>`;
	}

	function draw() {
		if (!project.info) return html`<p class="empty">Loading ${id}…</p>`;
		const { info } = project;
		return html`<h1>${id} <small>scenario ${info.scenario}, seed ${info.seed}, contract ${info.contract}</small></h1>
			${strip()}
			<section aria-label="Restores">${timeline.draw()}</section>
			<section aria-label="Walks">${walks.draw(journal)}</section>
			<section aria-label="Journal">${journal.draw()}</section>
			<section aria-label="Faults">${faults.draw()}</section>`;
	}

	const timer = setInterval(() => project.info?.clock.mode === 'real' && !document.hidden && shell.update(), TICK_MS);
	view.abort.signal.addEventListener('abort', () => clearInterval(timer));
	follow(`${path}/changes`, refresh, shell.onState, view.abort.signal);
	return {
		draw,
		afterDraw: journal.afterDraw,
		onAddress: journal.onAddress,
		onFilters: timeline.onFilters,
		onEscape: journal.close,
		keys: {
			'[': () => walks.step(-1),
			']': () => walks.step(1),
			...(!report && { ' ': freezeOrRun, '.': () => project.advance(project.lastAdvance), n: toNextChange, l: journal.follow }),
		},
	};
}
