// The journal: every request, live. While the reader has scrolled up, nothing moves.

import { html } from './lit/lit-html.js';
import { get, origin, report } from './api.js';
import { banner, button, counted, curlOf, decoded, facts, isFailed, ms, printable, queryOf, responseOf, table, timeOfDay, toggle } from './words.js';

const CAPACITY = 1000;
const FOLLOWED = 200; // more rows take long to draw
const OVERLAP = 20;
const FIELDS = ['operation', 'token', 'ignoredParameters', 'errorId', 'requestId', 'accept', 'userAgent', 'traceparent', 'retryAfter'];

export function journalPart(project, walks) {
	const { shell, view } = project;
	let entries = [];
	let numbers = new Map();
	let frozen = null; // what a reader who has scrolled up sees
	let fresh = 0;
	let fromEnd = 0;
	let target = null;

	// Reads what is new, or all. The last ones are read again: they may have been under way
	async function refresh(signal, all) {
		const known = all ? [] : entries;
		const since = known.length ? known.at(-Math.min(OVERLAP, known.length)).number - 1 : 0;
		const { requests } = await get(`${project.path}/requests?since=${since}&limit=${CAPACITY}`, signal);
		const merged = new Map([...known, ...requests].map((entry) => [entry.number, entry]));
		const added = merged.size - known.length;
		entries = [...merged.values()].slice(-CAPACITY);
		numbers = new Map(entries.map((entry) => [entry.number, entry]));
		if (frozen) fresh += added;
		return added;
	}

	const walkOf = (entry) => (frozen?.walks ?? walks.numbers()).get(entry.number) ?? 0;
	const filters = () => view.address.filters;
	const chosen = () => project.chosen('requests');
	let last = chosen();

	const tests = {
		failed: isFailed,
		faulted: (entry) => entry.faults.length,
		refused: (entry) => entry.status >= 400 && entry.status < 500 && !entry.faults.length,
		walk: (entry, number) => walkOf(entry) === Number(number),
		token: (entry, token) => entry.token === token,
		text: ({ path, query, errorId, requestId }, text) => [path, query, decoded(path), decoded(query), errorId, requestId].join(' ').toLowerCase().includes(text.toLowerCase()),
	};
	const matches = (entry) => Object.entries(tests).every(([name, test]) => !filters().get(name) || test(entry, filters().get(name)));

	function close() {
		if (chosen() !== null) location.hash = project.addressOf();
	}

	// What was opened gets the focus, and at the end the row that it came from
	function onAddress() {
		if (chosen() !== last) target = chosen() ?? (view.address.parts[2] ? null : last);
		last = chosen();
	}

	const row = (entry) => [entry.number, [
		html`<a data-row data-number=${entry.number} href=${project.addressOf('requests', entry.number)}>${entry.number}</a>`,
		timeOfDay(entry.at),
		entry.page ?? '–',
		entry.operation === 'list-restores' ? queryOf(entry) : `${entry.method} ${decoded(entry.path)}`,
		responseOf(entry),
		ms(entry.durationMs),
		entry.errorId ?? '',
		walkOf(entry) || '',
	], isFailed(entry) ? 'failed' : ''];

	const factsOf = (entry) => [
		['time', `${entry.at} (project: ${entry.projectTime})`],
		['request', `${entry.method} ${decoded(entry.path)}${entry.query ? `?${decoded(entry.query)}` : ''}`],
		['response', responseOf(entry)],
		['took', ms(entry.durationMs)],
		['walk', walkOf(entry) || null],
		['faults', entry.faults.map((fault) => `${fault.id}: ${fault.kind}`).join(', ')],
		...FIELDS.map((name) => [name, entry[name]]),
	].filter(([, value]) => value).map(([name, value]) => [name, printable(String(value))]);

	function detail() {
		const number = chosen();
		if (number === null) return '';
		const entry = numbers.get(number);
		if (!entry) {
			return banner(`Request ${view.address.parts[3]} is not in this project's journal (any more): it keeps the last ${CAPACITY}.`);
		}
		return html`<div class="detail" tabindex="-1" id="detail"><div class="bar"><h3>Request ${number}</h3><span class="space"></span>
				${button('Copy as curl, with $TOKEN', () => shell.copy(curlOf(entry, origin), 'curl'))} ${button('Close (Esc)', close)}</div>
			${facts(factsOf(entry))}</div>`;
	}

	function chip(name, label, value = '1') {
		const isOn = filters().get(name) === value;
		return toggle(label, isOn, () => shell.setFilter(name, isOn ? '' : value), 'chip');
	}

	function chips() {
		const tokens = [...new Set(entries.map((entry) => entry.token).filter(Boolean))].slice(0, 5);
		const walk = filters().get('walk') ?? (view.address.parts[2] === 'walks' ? view.address.parts[3] : null);
		return html`${['failed', 'faulted', 'refused'].map((name) => chip(name, name))}
			${walk ? chip('walk', `walk ${walk}`, walk) : ''}
			${tokens.length > 1 ? tokens.map((token) => chip('token', `token ${token}`, token)) : ''}`;
	}

	function follow() {
		frozen = null;
		fresh = 0;
		shell.update();
	}

	function onScroll(event) {
		const { scrollTop, scrollHeight, clientHeight } = event.target;
		const atEnd = scrollTop + clientHeight >= scrollHeight - 8;
		if (atEnd !== Boolean(frozen)) return;
		if (atEnd) return follow();
		frozen = { entries, walks: walks.numbers() };
		fromEnd = scrollHeight - scrollTop;
		shell.update();
	}

	function draw() {
		const all = frozen?.entries ?? entries;
		const shown = all.filter(matches);
		return html`<div class="bar"><h2>Journal</h2> <span>${counted(entries.length, 'request')}${shown.length === all.length ? '' : `, ${shown.length} shown`}</span>
				<span class="space"></span> ${entries.length ? chips() : ''}
				<label>Search <input type="search" .value=${filters().get('text') ?? ''} @input=${(event) => shell.setFilter('text', event.target.value)}></label>
				${!frozen || report ? '' : button(fresh ? `${fresh} new` : 'Follow', follow, '')}</div>
			${detail()}
			${entries.length
				? html`<div class="journal" tabindex="0" role="region" aria-label="Requests" @scroll=${onScroll}>
						${table('number, time, #page, ~requested with, response, #took, error id, #walk', shown.slice(frozen || report ? 0 : -FOLLOWED).map(row), 'main')}</div>`
				: html`<p class="empty">This project has had no request. Copy its URL and token above into your client, or try the curl.</p>`}`;
	}

	function afterDraw() {
		const box = document.querySelector('.journal');
		if (box && !report && (!frozen || fromEnd)) box.scrollTop = box.scrollHeight - fromEnd;
		fromEnd = 0;
		if (target === null) return;
		const element = document.getElementById('detail') ?? document.querySelector(`[data-number="${target}"]`);
		element?.focus({ preventScroll: chosen() === null });
		target = null;
	}

	return {
		refresh, draw, afterDraw, close, follow, onAddress,
		byNumbers: (wanted) => wanted.map((number) => numbers.get(number)).filter(Boolean),
	};
}
