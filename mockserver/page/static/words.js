// Times, numbers and statuses in words, small templates, and the rules by which a restore's status follows from its plan.

import { html, nothing, svg } from './lit/lit-html.js';
import { repeat } from './lit/directives/repeat.js';

export const STATUSES = ['scheduled', 'in-progress', 'completed', 'aborting', 'aborted', 'failed', 'not-supported'];
export const MARKS = { completed: '●', failed: '✕', aborted: '■', 'not-supported': '∅' };

// As contract/lifecycle.py; instants are unix milliseconds, or null for never
export function statusAt({ startsAt, endsAt, outcome, abortRequestedAt }, instant) {
	if (outcome === 'not-supported') return 'not-supported';
	const aborts = abortRequestedAt !== null && (outcome === null || endsAt === null || abortRequestedAt < endsAt);
	if (outcome !== null && endsAt !== null && instant >= endsAt) return aborts ? 'aborted' : outcome;
	if (aborts && instant >= abortRequestedAt) return 'aborting';
	return startsAt !== null && instant >= startsAt ? 'in-progress' : 'scheduled';
}

export function nextChange(plan, instant) {
	const now = statusAt(plan, instant);
	if (now in MARKS) return null;
	const later = [plan.startsAt, plan.endsAt, plan.abortRequestedAt].filter((at) => at !== null && at > instant);
	return later.sort((a, b) => a - b).find((at) => statusAt(plan, at) !== now) ?? null;
}

export function planOf({ plan }) {
	const at = (name) => (plan[name] ? Date.parse(plan[name]) : null);
	return { startsAt: at('startsAt'), endsAt: at('endsAt'), outcome: plan.outcome ?? null, abortRequestedAt: at('abortRequestedAt') };
}

export const counted = (count, noun) => `${number(count)} ${noun}${count === 1 ? '' : 's'}`;

export const number = (value) => value.toLocaleString('en');

export const iso = (instant) => new Date(instant).toISOString();
export const clockTime = (instant) => iso(instant).slice(11, 19);
export const timeOfDay = (timestamp) => timestamp.slice(11, 23);
export const day = (instant) => iso(instant).slice(0, 10);
export const dayAndTime = (instant) => iso(instant).slice(0, 19).replace('T', ' ');

// Rows of key, cells and perhaps class; "#" marks a column of numbers, "~" one of long texts
export function table(heads, rows, name) {
	const columns = heads.split(', ').map((head) => [head.replace(/^[#~]/, ''), { '#': 'number', '~': 'long' }[head[0]] ?? '']);
	const row = ([, cells, kind = '']) => html`<tr class=${kind}>${columns.map(([, of], index) => html`<td class=${of}>${cells[index]}</td>`)}</tr>`;
	return html`<div class="wide"><table data-rows=${name}><thead><tr>${columns.map(([head, of]) => html`<th class=${of}>${head}</th>`)}</tr></thead>
		<tbody>${repeat(rows, ([key]) => key, row)}</tbody></table></div>`;
}

export const verdict = (what) => html`<span class="verdict ${what}">${what}</span>`;
export const banner = (text) => html`<p class="banner" role="alert">${text}</p>`;
export const input = (label, name, placeholder) => html`<label>${label} <input name=${name} placeholder=${placeholder} size="10"></label>`;
export const button = (label, action, kind = 'quiet', name = nothing) => html`<button class=${kind} aria-label=${name} @click=${action}>${label}</button>`;
export const toggle = (label, isOn, action, kind = 'quiet') => html`<button class=${kind} aria-pressed=${isOn} @click=${action}>${label}</button>`;
export const select = (label, name, options) => html`<label>${label} <select name=${name}><option></option>${options.map((one) => html`<option>${one}</option>`)}</select></label>`;
export const details = (summary, content) => html`<details><summary>${summary}</summary>${content}</details>`;
export const bar = (kind, x, y, width, height) => svg`<rect class="bar ${kind}" x=${x} y=${y} width=${width} height=${height}></rect>`;
export const facts = (pairs) => html`<dl class="facts">${pairs.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;

export const addressOf = (id, rest = '') => `#/p/${encodeURIComponent(id)}${rest}`;

// The values of a form's fields that hold something
export const filled = ({ elements }) => Object.fromEntries([...elements].filter(({ name, value }) => name && value).map((one) => [one.name, one.type === 'number' ? one.valueAsNumber : one.value]));

// With room beside it
export const widthBut = (room, least, most) => Math.max(least, Math.min(document.documentElement.clientWidth - room, most));

export function duration(milliseconds) {
	let rest = milliseconds < 1000 ? Math.round(milliseconds) : Math.round(milliseconds / 1000) * 1000;
	const parts = [];
	for (const [unit, size] of Object.entries({ d: 86_400_000, h: 3_600_000, min: 60_000, s: 1000, ms: 1 })) {
		if (rest >= size) parts.push(`${Math.floor(rest / size)} ${unit}`);
		rest %= size;
	}
	return parts.slice(0, 2).join(' ') || '0 ms';
}

export const ms = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

// As in the table of assert_walk
export function responseOf(request) {
	const { status = 'no response', restores, hasNextPage, faults } = request;
	const page = restores === undefined ? [] : [counted(restores, 'restore'), hasNextPage ? 'next page' : 'last page'];
	return [status, ...page, ...faults.map(({ kind }) => `fault ${kind}`)].join(', ');
}

export const isFailed = (request) => request.status === undefined || request.status >= 400;

// Characters that would move or reorder text, by their codes
export const printable = (text) =>
	text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]/gu, (char) => `\\u${char.codePointAt(0).toString(16).padStart(4, '0')}`);

export function decoded(text) {
	try {
		return printable(decodeURIComponent(text));
	} catch {
		return printable(text);
	}
}

export const queryOf = (request) => decoded(request.query.replace(/\bcursor=[^&]+/, 'cursor=…')) || '–';

const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

export const curlOf = ({ method, path, query }, origin) =>
	`curl -s${method === 'GET' ? '' : ` -X ${method}`} -H "Authorization: Bearer $TOKEN" ${quote(origin + path + (query && `?${query}`))}`;
