// The shell: which view the address names, the banner, the dialog and the keyboard.

import { html, render } from './lit/lit-html.js';
import { repeat } from './lit/directives/repeat.js';
import { report } from './api.js';
import { projectView } from './project.js';
import { serverView } from './server.js';
import { banner, button, decoded, facts } from './words.js';

const root = document.getElementById('page');
root.replaceChildren();
const KEYS = {
	'/': 'filter', 'j k': 'next and previous row', Enter: 'open the row', Esc: 'back to the row',
	'[ ]': 'previous and next walk', Space: 'freeze or run the clock', '.': 'repeat the last advance',
	n: 'to the next change', l: 'follow the journal', '?': 'this list',
};

let view = null;
let trouble = null;
let notice = '';
let dialog = null;
let scheduled = false;

// The address after "#": the path in parts, and the filters
function parseAddress(hash) {
	const [path, query] = hash.slice(1).split('?');
	return { parts: path.split('/').filter(Boolean).map((part) => decoded(part)), filters: new URLSearchParams(query) };
}

const shell = {
	update() {
		if (scheduled) return;
		scheduled = true;
		requestAnimationFrame(draw);
	},
	onState(why) {
		trouble = why;
		shell.update();
	},
	// Runs an action, and says what goes wrong
	async act(action, done = '') {
		const { signal } = view.abort;
		let said = done;
		try {
			await action();
		} catch (failure) {
			said = html`<b class="bad">${failure.message}</b>`;
		}
		if (signal.aborted) return; // the reader has left the view
		notice = said;
		shell.update();
	},
	ask(question, label, action) {
		show('Question', html`<p>${question}</p> ${button(label, () => (close(), action()), 'danger')} ${cancel('Cancel')}`);
	},
	setFilter(name, value) {
		const { filters, parts } = view.address;
		if (value) filters.set(name, value);
		else filters.delete(name);
		history.replaceState(null, '', shell.addressOf(...parts));
		view.onFilters();
		shell.update();
	},
	// The address of something in this view, with the same filters
	addressOf(...parts) {
		const query = String(view.address.filters);
		return `#/${parts.map(encodeURIComponent).join('/')}${query && `?${query}`}`;
	},
	copy(text, what) {
		return shell.act(() => navigator.clipboard.writeText(text), `${what} copied`);
	},
};

function open() {
	const address = parseAddress(report ? location.hash || `#/p/${encodeURIComponent(report.project)}` : location.hash);
	const [kind, id] = address.parts;
	const key = kind === 'p' && id ? `p/${id}` : 'server';
	shell.update();
	if (view?.key === key) {
		view.address = address;
		view.onAddress();
		view.onFilters();
		return;
	}
	view?.abort.abort();
	trouble = null;
	notice = '';
	view = { key, abort: new AbortController(), address };
	Object.assign(view, key === 'server' ? serverView(shell, view) : projectView(shell, view));
}

function show(name, content) {
	dialog = content && { name, content };
	shell.update();
}

const close = () => show('', null);
const cancel = (label) => html`<button @click=${close} autofocus>${label}</button>`;

const showKeys = () => show('Keys', html`<h2>Keys</h2>
	${facts(Object.entries(KEYS).map(([key, what]) => [html`<kbd>${key}</kbd>`, what]))} ${cancel('Close')}`);

function draw() {
	scheduled = false;
	render(
		html`<header>
				<a href=${report ? '#' : '#/'}>mockserver</a>
				${report ? html`<span>report of ${report.created}, version ${report.version}</span>` : ''}
				<span class="space"></span>
				${button('Keys (?)', showKeys)}
			</header>
			${trouble ? banner(trouble) : ''}
			<p class="notice" role="status">${notice}</p>
			<main>${repeat([view], ({ key }) => key, () => view.draw())}</main>
			<dialog aria-label=${dialog?.name ?? 'Question'} @close=${close}>${dialog?.content}</dialog>`,
		root,
	);
	const element = root.querySelector('dialog');
	if (!dialog) element.close();
	else if (!element.open) element.showModal();
	view.afterDraw?.();
}

const isTyping = (target) => target.closest('input, select, textarea, dialog');

// To another row of the focused list, or of the main one
function move(by) {
	const focused = document.activeElement.closest('[data-row]');
	const rows = [...(focused?.closest('[data-rows]') ?? root.querySelector('[data-rows="main"]') ?? root).querySelectorAll('[data-row]')];
	const at = rows.indexOf(focused);
	const next = at < 0 && by < 0 ? rows.length - 1 : Math.max(at + by, 0);
	rows[Math.min(next, rows.length - 1)]?.focus();
}

document.addEventListener('keydown', (event) => {
	if (event.ctrlKey || event.metaKey || event.altKey) return;
	if (isTyping(event.target)) {
		if (event.key === 'Escape' && !event.target.closest('dialog')) event.target.blur();
		return;
	}
	const keys = {
		Escape: view.onEscape,
		'?': showKeys,
		'/': () => root.querySelector('input[type=search]')?.focus(),
		j: () => move(1),
		k: () => move(-1),
		...view.keys,
	};
	if (event.key === ' ' && event.target.closest('button, a, summary, [data-row]')) return;
	const action = Object.hasOwn(keys, event.key) && keys[event.key];
	if (!action) return;
	event.preventDefault();
	action();
});

addEventListener('hashchange', open);
addEventListener('resize', shell.update);
open();
