// The restores on the project's time: what each is, was and will be.

import { html, svg } from './lit/lit-html.js';
import { get, origin, report, request } from './api.js';
import { MARKS, STATUSES, bar, button, clockTime, counted, day, dayAndTime, details, filled, input, nextChange, number, planOf, select, statusAt, table, toggle, widthBut } from './words.js';

const SHOWN = 200;
const BESIDE_STRIP = 40;
const LABEL = 190;
const ROW = 20;
const AXIS = 22;
const STRIP = 70;
const STEPS = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 604800, 2592000, 31536000, Infinity];
const SPANS = [['10 min', 600], ['1 h', 3600], ['1 d', 86400], ['30 d', 2592000], ['all', 0]];

export function timelinePart(project) {
	const { shell, view } = project;
	let list = null;
	let rows = [];
	let backups = [];
	let turn = 0;

	const name = ({ addonId, backupId }) => `${addonId}/${backupId}`;
	const backup = () => backups.find((one) => name(one) === view.address.filters.get('backup')) ?? backups[0];
	const path = () => [project.path, 'addons', encodeURIComponent(backup().addonId), 'backups', encodeURIComponent(backup().backupId), 'restores'].join('/');

	async function refresh(signal, rowsChanged = true) {
		backups = project.info.backups;
		if (!backups.length) {
			list = null;
			rows = [];
			return;
		}
		if (!rowsChanged && list && list.count <= SHOWN) return; // their statuses follow from their plans
		const mine = ++turn;
		const asked = path();
		const body = await get(`${asked}?limit=${SHOWN}`, signal);
		if (mine !== turn) return; // a later one is under way
		list = { ...body, path: asked };
		rows = list.restores.map((restore) => ({ ...restore, plan: planOf(restore), since: Date.parse(restore.restoreTimestamp) }));
	}

	const key = (status) => html`<span class="key ${status}">${MARKS[status] ?? ''} ${status}</span>`;
	const again = () => refresh(view.abort.signal);
	const change = (method, what, body, done) => shell.act(async () => {
		await request(method, list.path + what, body);
		await again();
	}, done);

	// The next change of a restore; of those that are not listed, as of the last response
	function next() {
		const now = project.instant();
		const changes = rows.map((row) => nextChange(row.plan, now));
		if (list?.count > SHOWN) changes.push(Date.parse(list.nextChangeAt));
		const later = changes.filter((at) => at > now);
		return later.length ? Math.min(...later) : null;
	}

	// The stretches of a restore's life: [status, from, to], where an open end is null
	function stretches({ plan, since }) {
		const parts = [];
		for (let from = since; from !== null; from = nextChange(plan, from)) parts.push([statusAt(plan, from), from, nextChange(plan, from)]);
		return parts;
	}

	// The plot's start and end, and its seconds if they are one of SPANS
	function range(now) {
		const chosen = view.address.filters.get('span');
		const active = rows.filter(({ plan }) => nextChange(plan, now) !== null).flatMap(({ plan, since }) => [since, nextChange(plan, now)]);
		const near = Math.max(...active.map((at) => Math.abs(at - now))) / 1000;
		const fitting = active.length ? SPANS.find(([, size]) => near < size * 0.6)?.[1] : 0;
		const seconds = Number(chosen ?? fitting ?? 0);
		if (seconds > 0) return [now - seconds * 400, now + seconds * 600, seconds];
		const instants = rows.flatMap(({ plan, since }) => [since, plan.startsAt, plan.endsAt, plan.abortRequestedAt]).filter((at) => at !== null);
		let [from, to] = [Math.min(...instants), Math.max(...instants)];
		// a far clock would press them together
		if (chosen !== null || Math.max(now - to, from - now) <= to - from) [from, to] = [Math.min(from, now), Math.max(to, now)];
		const margin = Math.max((to - from) * 0.05, 30_000);
		return [from - margin, to + margin, 0];
	}

	function axis(x, from, to, width, height) {
		const least = ((to - from) / width) * 90;
		const step = STEPS.find((size) => size * 1000 >= least) * 1000;
		const ticks = [];
		for (let at = Math.ceil(from / step) * step; at < to; at += step) {
			ticks.push(svg`<line class="grid" x1=${x(at)} x2=${x(at)} y1=${AXIS} y2=${height}></line>
				<text class="tick" x=${x(at)} y="14" text-anchor="middle">${to - from > 172_800_000 ? day(at) : clockTime(at)}</text>`);
		}
		return ticks;
	}

	const yOf = (index) => AXIS + index * ROW;

	const life = (row, index, x, width) => stretches(row).map(([status, from, to]) => {
		if (status in MARKS) return svg`<text class="mark ${status}" x=${x(from)} y=${yOf(index) + 14} text-anchor="middle">${MARKS[status]}</text>`;
		const left = Math.max(x(from), -ROW);
		const right = Math.min(to === null ? width : x(to), width);
		return right > left ? bar(`${status} ${to === null ? 'open' : ''}`, left, yOf(index) + 4, Math.max(right - left, 2), ROW - 8) : '';
	});

	function bins(x) {
		const most = Math.max(...list.bins.map((bin) => Object.values(bin.statuses).reduce((sum, count) => sum + count, 0)));
		return list.bins.map((bin) => {
			const left = x(Date.parse(bin.since));
			const width = Math.max(x(Date.parse(bin.until)) - left - 0.5, 1);
			let bottom = AXIS + STRIP - 6;
			return STATUSES.filter((status) => status in bin.statuses).map((status) => {
				const height = (bin.statuses[status] / most) * (STRIP - 12);
				bottom -= height;
				return bar(status, left, bottom, width, height);
			});
		});
	}

	// The labels beside a plot; a veil covers what lies ahead of the clock
	function chart(title, from, to, shown, height) {
		const width = widthBut(56 + LABEL, 290, 1310);
		const x = (at) => ((at - from) / (to - from)) * width;
		const now = project.now();
		const instantAt = ({ clientX, currentTarget }) => from + ((clientX - currentTarget.getBoundingClientRect().left - LABEL) / width) * (to - from);
		const preview = (event) => drag(from, to, Math.round(Math.min(Math.max(instantAt(event), from), to)));
		const down = (event) => {
			if (report || event.button || instantAt(event) < from) return;
			event.currentTarget.setPointerCapture(event.pointerId);
			preview(event);
		};
		const label = ({ id, plan }, index) => svg`<text class="label" y=${yOf(index) + 14}>${String(id).slice(-14)}</text>
			<text class="state ${statusAt(plan, now)}" x="108" y=${yOf(index) + 14}>${statusAt(plan, now)}</text>`;
		return html`<div class="wide tall" tabindex="0" role="group" aria-label="Timeline"><svg class="chart ${report ? '' : 'draggable'}" role="img" aria-label=${title} width=${LABEL + width} height=${height}
				@pointerdown=${down} @pointermove=${(event) => frozen && preview(event)} @pointerup=${() => frozen && drop()} @pointercancel=${cancel}>
			<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="3" height="6" class="state aborting"></rect></pattern></defs>
			${shown?.map(label)}
			${now < from || now > to ? svg`<text class="tick" y="14">the clock is ${now > to ? 'later ▸' : 'earlier ◂'}</text>` : ''}
			<svg x=${LABEL}>${axis(x, from, to, width, height)} ${shown ? shown.map((row, index) => life(row, index, x, width)) : bins(x)}
				<rect class="veil" x=${x(now)} y=${AXIS} width=${width} height=${height}></rect><line class="now" x1=${x(now)} x2=${x(now)} y2=${height}></line></svg>
		</svg></div>`;
	}
	let frozen = null; // the range while the clock is dragged

	function drag(from, to, instant) {
		frozen ??= [from, to];
		project.preview = instant;
		shell.update();
	}

	async function drop() {
		const { preview } = project;
		if (preview !== null) await project.moveTo(preview);
		if (project.preview === preview) cancel(); // else the reader drags on
	}

	function cancel() {
		frozen = project.preview = null;
		shell.update();
	}

	function slider(from, to, now) {
		if (report) return '';
		return html`<label class="slider"><span>Clock</span><input type="range" min=${from} max=${to} step="1000" .value=${String(now)}
			aria-valuetext=${`${dayAndTime(now)} UTC`}
			@input=${(event) => drag(from, to, Number(event.target.value))}
			@change=${drop}></label>`;
	}

	function asTable(now) {
		const row = ({ id, since, plan }) => {
			const times = [since, plan.startsAt, plan.endsAt, plan.abortRequestedAt].map((at) => (at === null ? 'never' : dayAndTime(at)));
			return [id, [
				id,
				key(statusAt(plan, now)),
				...times,
				plan.outcome ?? '–',
				html`<select aria-label="Force ${id} to" @change=${(event) => force(id, event.target)}><option disabled selected>force to…</option>${STATUSES.map((one) => html`<option>${one}</option>`)}</select>
					${button('Delete', () => shell.ask(`Delete restore ${id}?`, 'Delete', () => change('DELETE', `/${id}`)), 'quiet', `Delete ${id}`)}`,
			]];
		};
		return details('As a table', table(`restore, status, initiated, starts, ends, abort requested, outcome${report ? '' : ', change'}`, rows.map(row)));
	}

	function force(id, chooser) {
		const status = chooser.value;
		chooser.selectedIndex = 0;
		change('PATCH', `/${id}`, { status }, `${id} is ${status} from now on`);
	}

	function add(event) {
		event.preventDefault();
		change('POST', '', filled(event.target), 'The restore was added');
	}

	const addForm = () => report ? '' : details('Add a restore', html`<form class="bar" @submit=${add}>
		${input('Starts after', 'startsAfter', 'PT10S')} ${input('Ends after', 'endsAfter', 'PT1M')} ${input('Abort after', 'abortAfter', 'never')}
		${select('Outcome', 'outcome', Object.keys(MARKS))} <button>Add</button></form>`);

	const summary = (counts) => STATUSES.filter((status) => counts[status]).map((status) => `${number(counts[status])} ${status}`).join(', ') || 'none';

	function draw() {
		if (!list) return html`<h2>Restores</h2><p class="empty">This project has no backup.</p>`;
		const now = project.now();
		const [from, to, seconds] = frozen ? [...frozen, -1] : range(now);
		const counts = {};
		for (const { plan } of rows) counts[statusAt(plan, now)] = (counts[statusAt(plan, now)] ?? 0) + 1;
		const all = list.count > SHOWN;
		const said = `${counted(list.count, 'restore')} at ${dayAndTime(now)} UTC: ${summary(all ? list.counts : counts)}`;
		const shown = all ? rows.slice(0, BESIDE_STRIP) : rows;
		const choose = (event) => shell.setFilter('backup', event.target.value);
		return html`<div class="bar"><h2>Restores</h2> <span>${said}</span> <span class="space"></span>
				${backups.length > 1 ? html`<label>Backup <select @change=${choose}>${backups.map((one) => html`<option ?selected=${one === backup()}>${name(one)}</option>`)}</select></label>` : ''}
				${SPANS.map(([label, size]) => toggle(label, size === seconds, () => shell.setFilter('span', String(size))))}</div>
			${all ? html`${chart(`${said}, by time`, Date.parse(list.bins[0].since), Date.parse(list.bins.at(-1).until), null, AXIS + STRIP)}<p class="quiet">Above, all restores by when they were initiated; below, the ${shown.length} nearest to the clock.</p>` : ''}
			${list.count
				? html`${chart(said, from, to, shown, AXIS + shown.length * ROW + 6)} ${slider(from, to, now)} <p class="bar">${STATUSES.map(key)}</p>`
				: html`<p class="empty">This backup has no restores. Add one below, or with <code>curl -s -X POST ${origin}/_mock/${list.path}</code></p>`}
			${asTable(now)} ${addForm()}`;
	}

	return { refresh, draw, backup, nextChange: next, onFilters: () => list && list.path !== path() && shell.act(again) };
}
