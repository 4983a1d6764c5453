// The server: its projects, the most recently used first.

import { html } from './lit/lit-html.js';
import { follow, get, origin, request } from './api.js';
import { addressOf, banner, button, counted, dayAndTime, details, filled, input, number, table, verdict } from './words.js';

const ROWS = 100;

export function serverView(shell, view) {
	let projects = null;
	let total = 0;
	let limit = ROWS;
	let missing = null;

	const { signal } = view.abort;
	const match = () => view.address.filters.get('match') ?? '';
	const path = () => `activity?limit=${limit}${match() && `&match=${encodeURIComponent(match())}`}`;
	let asked = '';
	let turn = 0;

	async function refresh() {
		const mine = ++turn;
		asked = path();
		const activity = await get(asked, signal);
		if (mine !== turn) return; // a later one is under way
		({ projects, total } = activity);
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

	function create(event) {
		event.preventDefault();
		const { mode, ...rest } = filled(event.target);
		shell.act(async () => {
			const made = await request('POST', 'projects', { scenario: 'default', ...rest, clock: { mode } });
			location.hash = addressOf(made.projectId);
		});
	}

	const row = ({ projectId, scenario, contract, clock, requests, failed, worstVerdict, faults, lastRequestAt }) => [projectId, [
		html`<a data-row href=${addressOf(projectId)}>${projectId}</a>`,
		scenario,
		contract,
		`${clock.mode}, ${dayAndTime(Date.parse(clock.now))}`,
		number(requests),
		failed ? html`<b class="bad">${number(failed)}</b>` : 0,
		worstVerdict ? verdict(worstVerdict) : '–',
		faults,
		lastRequestAt ? dayAndTime(Date.parse(lastRequestAt)) : '–',
	]];

	function list() {
		if (projects === null) return html`<p class="empty">Loading…</p>`;
		if (!projects.length) {
			const create = html`There is no project yet. Create one here, or with <code>curl -s ${origin}/_mock/projects -d '{"scenario": "many"}'</code>`;
			return html`<p class="empty">${match() ? `No project has “${match()}” in its id.` : create}</p>`;
		}
		return html`${table('project, scenario, contract, clock, #requests, #failed, worst verdict, #faults, last request (UTC)', projects.map(row), 'main')}
			${total > projects.length
				? html`<p>${button('Show more', () => ((limit += ROWS), onFilters()), '')} ${number(projects.length)} of ${number(total)}</p>`
				: ''}`;
	}

	function draw() {
		return html`<h1>Projects</h1>
			${missing ? banner(missing) : ''}
			<div class="bar">
				<label>Filter <input type="search" .value=${match()} @input=${(event) => shell.setFilter('match', event.target.value)}></label>
				<span class="space"></span>
				${button('Reset the server', () => shell.ask('Reset the server? Projects created since its start are deleted, the others go back to their scenarios.', 'Reset the server', () => shell.act(() => request('POST', 'reset'), 'The server was reset')), '')}
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

	const onFilters = () => asked !== path() && shell.act(refresh);
	onAddress();
	follow('changes', refresh, shell.onState, signal);
	return { draw, onAddress, onFilters, keys: {} };
}
