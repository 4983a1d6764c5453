// The fault rules: how often each has triggered, a form for another one, made from the OpenAPI document.

import { html } from './lit/lit-html.js';
import { repeat } from './lit/directives/repeat.js';
import { get, report } from './api.js';
import { button, select, table } from './words.js';

const DOTS = 20;

export function faultsPart(project) {
	const { shell, view } = project;
	let schemas = null;
	let state = '';
	let kind = '';

	async function open(event) {
		if (!event.target.open || schemas) return;
		state = 'Loading…';
		try {
			({ schemas } = (await get('openapi.json', view.abort.signal)).components);
			kind = Object.keys(kinds())[0];
		} catch (failure) {
			state = `The kinds of faults are not known: ${failure.message}. Open this again to try again.`;
		}
		shell.update();
	}

	// The schema of each kind of fault, by name
	function kinds() {
		const { oneOf } = schemas.Rule.properties.fault;
		return Object.fromEntries(oneOf.map(({ $ref }) => named($ref)).map((schema) => [schema.properties.kind.const, schema]));
	}

	const simple = (schema) => (schema.anyOf ? schema.anyOf.find((one) => one.type !== 'null') ?? {} : schema);

	const named = ($ref) => schemas[$ref.split('/').at(-1)];

	const fields = (schema, besides, prefix) => Object.entries(schema.properties).filter(([name]) => name !== besides).map(([name, one]) => field(name, { ...one, ...simple(one) }, `${prefix}.${name}`));

	function field(label, { type, minimum, maximum, enum: values, $ref, description }, name) {
		const options = values ?? ($ref && named($ref)?.enum);
		if (options) return select(label, name, options);
		const isNumber = type === 'integer' || type === 'number';
		return html`<label title=${description ?? ''}>${label} <input name=${name} type=${isNumber ? 'number' : 'text'} step=${type === 'integer' ? 1 : 'any'} min=${minimum ?? ''} max=${maximum ?? ''} data-type=${type ?? 'any'} size="12"></label>`;
	}

	function read({ value, dataset }) {
		if ((dataset.type ?? 'string') === 'string') return value;
		try {
			return JSON.parse(value);
		} catch {
			return value;
		}
	}

	async function add(event) {
		event.preventDefault();
		const rule = { fault: { kind } };
		for (const input of event.target.elements) {
			const [where, name] = input.name.split('.');
			if (!name || !input.value) continue;
			(where === 'fault' ? rule.fault : rule)[name] = read(input);
		}
		await project.control('POST', '/faults', rule, 'The fault was added');
	}

	function form() {
		if (!schemas) return html`<p class="empty">${state}</p>`;
		const chosen = kinds()[kind];
		return html`<form @submit=${add}>
			<div class="bar"><label>Kind <select @change=${(event) => ((kind = event.target.value), shell.update())}>
					${Object.keys(kinds()).map((one) => html`<option ?selected=${one === kind}>${one}</option>`)}</select></label>
				${repeat([kind], (one) => one, () => fields(chosen, 'kind', 'fault'))}</div>
			<p class="quiet">${chosen.description?.replaceAll('`', '')}</p>
			<div class="bar">${fields(schemas.Rule, 'fault', 'rule')}
				<button>Add the fault</button></div></form>`;
	}

	function count({ triggered, times }) {
		if (times === undefined) return html`triggered ${triggered}`;
		const dots = times > DOTS ? '' : html`<span aria-hidden="true" class="dots">${'●'.repeat(Math.min(triggered, times))}${'○'.repeat(Math.max(times - triggered, 0))}</span>`;
		return html`${dots} ${triggered} of ${times}`;
	}

	const when = ({ operation, page, nth, probability }) =>
		[operation, page && `page ${page}`, nth && `request ${nth}`, probability !== undefined && `probability ${probability}`].filter(Boolean).join(', ');

	const valuesOf = (fault) => Object.entries(fault).filter(([name]) => name !== 'kind').map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`).join(', ');

	function draw() {
		const { faults } = project.info;
		return html`<h2>Faults</h2>
			${faults.length
				? table(`id, kind, fields, when, triggered${report ? '' : ', change'}`, faults.map((rule) => [rule.id, [
						rule.id,
						rule.fault.kind,
						valuesOf(rule.fault) || '–',
						when(rule),
						count(rule),
						button('Delete', () => project.control('DELETE', `/faults/${rule.id}`), 'quiet', `Delete ${rule.id}`),
					]]))
				: html`<p class="empty">No faults: every request gets its usual response.</p>`}
			${report ? '' : html`<details @toggle=${open}><summary>Add a fault</summary>${form()}</details>`}`;
	}

	return { draw };
}
