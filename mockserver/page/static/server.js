// The server: its projects, the most recently used first.

import { html } from './lit/lit-html.js';
import { repeat } from './lit/directives/repeat.js';
import { follow, get, origin, request } from './api.js';
import { addressOf, banner, button, counted, dayAndTime, details, filled, input, number, table } from './words.js';

const ROWS = 100;

export function serverView(shell, view) {
	let projects = null;
	let total = 0;
	let limit = ROWS;
	let missing = null;

	const { signal } = view.abort;
	const match = () => view.address.filters.get('match') ?? '';
	const path = () => `activity?limit=${limit}${match() && `&match=${encodeURIComponent(match())}`}`;
	let shown = '';

	async function refresh() {
		const asked = path();
		const activity = await get(asked, signal);
		if (asked !== path()) return; // the reader has typed on
		({ projects, total } = activity);
		shown = asked;
		shell.update();
	}

	async function find(id) {
		try {
			const found = await get(`requests/${encodeURIComponent(id)}`, signal);
			if (view.address.parts[1] === id) location.replace(addressOf(found.projectId, `/requests/${found.number}`));
		} catch (failure) {
			missing = failure.message;
			shell.update();
		}
	}

	async function create(event) {
		event.preventDefault();
		const { mode, restores, ...rest } = filled(event.target);
		const body = { scenario: 'default', ...rest, clock: { mode }, ...(restores && { restores: Number(restores) }) };
		await shell.act(async () => {
			const made = await request('POST', 'projects', body);
			location.hash = addressOf(made.projectId);
		});
	}

	const row = (project) => html`<tr>
		<td><a data-row href=${addressOf(project.projectId)}>${project.projectId}</a></td>
		<td>${project.scenario}</td>
		<td>${project.contract}</td>
		<td>${project.clock.mode}, ${dayAndTime(Date.parse(project.clock.now))}</td>
		<td class="number">${number(project.requests)}</td>
		<td class="number">${project.failed ? html`<b class="bad">${number(project.failed)}</b>` : '0'}</td>
		<td>${project.worstVerdict ? html`<span class="verdict ${project.worstVerdict}">${project.worstVerdict}</span>` : '–'}</td>
		<td class="number">${project.faults}</td>
		<td>${project.lastRequestAt ? html`<time datetime=${project.lastRequestAt}>${dayAndTime(Date.parse(project.lastRequestAt))}</time>` : '–'}</td>
	</tr>`;

	function list() {
		if (projects === null) return html`<p class="empty">Loading…</p>`;
		if (!projects.length && !match()) {
			return html`<p class="empty">There is no project yet. Create one here, or with
				<code>curl -s ${origin}/_mock/projects -d '{"scenario": "many"}'</code></p>`;
		}
		if (!projects.length) return html`<p class="empty">No project has “${match()}” in its id.</p>`;
		const rows = repeat(projects, (project) => project.projectId, row);
		return html`${table('project, scenario, contract, clock, #requests, #failed, worst verdict, #faults, last request (UTC)', rows, 'main')}
			${total > projects.length
				? html`<p>${button('Show more', () => ((limit += ROWS), shell.act(refresh)), '')} ${number(projects.length)} of ${number(total)}</p>`
				: ''}`;
	}

	function draw() {
		return html`<h1>Projects ${total ? html`<small>${number(total)}</small>` : ''}</h1>
			${missing ? banner(missing) : ''}
			<div class="bar">
				<label>Filter <input type="search" .value=${match()} @input=${(event) => shell.setFilter('match', event.target.value)}></label>
				<span class="space"></span>
				${button('Reset the server', () => shell.ask('Reset the whole server? Every project that was created since its start is deleted, and the others go back to their scenarios.', 'Reset the server', () => shell.act(() => request('POST', 'reset'), 'The server was reset')), '')}
			</div>
			${list()}
			${details('Create a project', html`<form class="bar" @submit=${create}>
				${input('Scenario', 'scenario', 'default')}
				<label>Restores <input name="restores" type="number" min="0" max="10000" size="6"></label>
				<label>Clock <select name="mode"><option>real</option><option>frozen</option></select></label>
				${input('Id', 'projectId', 'generated')} <button>Create</button></form>`)}
			<p class="quiet">${counted(total, 'project')} on ${origin}. The same as JSON: <a href="projects">/_mock/projects</a>.
				<a href="openapi.json">All endpoints</a>. <a href="agents.md">For programs</a>.</p>`;
	}

	function onAddress() {
		const [kind, id] = view.address.parts;
		missing = null;
		if (kind === 'r' && id) find(id);
		else if (kind) missing = `this page has nothing at #/${view.address.parts.join('/')}`;
	}

	const onFilters = () => shown && shown !== path() && shell.act(refresh);
	onAddress();
	follow('changes', refresh, shell.onState, signal);
	return { draw, onAddress, onFilters, keys: {} };
}
