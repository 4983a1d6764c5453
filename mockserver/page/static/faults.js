// The fault rules: how often each has triggered, a form for another one, made from the OpenAPI document.

import { html } from './lit/lit-html.js';
import { repeat } from './lit/directives/repeat.js';
import { get, report } from './api.js';
import { button, filled, select, table } from './words.js';

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
			state = `The kinds of faults are not known: ${failure.message}. Open this again to retry.`;
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

	const fields = (schema, besides, prefix) => Object.entries(schema.properties).map(([name, one]) => (name === besides ? '' : field(name, { ...one, ...simple(one) }, `${prefix}.${name}`)));

	function field(label, { type, enum: values, $ref, description }, name) {
		const options = values ?? ($ref && named($ref)?.enum);
		if (options) return select(label, name, options);
		const isNumber = type === 'integer' || type === 'number';
		return html`<label title=${description ?? ''}>${label} <input name=${isNumber || type === 'string' ? name : `${name}.any`} type=${isNumber ? 'number' : 'text'} step="any" size="12"></label>`;
	}

	// Takes JSON or text
	function parsed(text) {
		try {
			return JSON.parse(text);
		} catch {
			return text;
		}
	}

	function add(event) {
		event.preventDefault();
		const rule = { fault: { kind } };
		for (const [path, value] of Object.entries(filled(event.target))) {
			const [where, name, isAny] = path.split('.');
			(where === 'fault' ? rule.fault : rule)[name] = isAny ? parsed(value) : value;
		}
		project.control('POST', '/faults', rule, 'The fault was added');
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

	function count(triggered, times) {
		if (times === undefined) return triggered;
		const dots = times > DOTS ? '' : '●'.repeat(Math.min(triggered, times)).padEnd(times, '○');
		return html`<span aria-hidden="true">${dots}</span> ${triggered} of ${times}`;
	}

	const listed = (fields) => Object.entries(fields).map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`).join(', ') || '–';

	const row = ({ id, fault: { kind: of, ...values }, triggered, times, ...when }) => [id, [
		id,
		of,
		listed(values),
		listed(when),
		count(triggered, times),
		button('Delete', () => project.control('DELETE', `/faults/${id}`), 'quiet', `Delete ${id}`),
	]];

	function draw() {
		const { faults } = project.info;
		return html`<h2>Faults</h2>
			${faults.length
				? table(`id, kind, fields, when, triggered${report ? '' : ', change'}`, faults.map(row))
				: html`<p class="empty">No faults: every request gets its usual response.</p>`}
			${report ? '' : html`<details @toggle=${open}><summary>Add a fault</summary>${form()}</details>`}`;
	}

	return { draw };
}
