// The walks of clients as pages on a time axis, each with its verdict.

import { html, svg } from './lit/lit-html.js';
import { repeat } from './lit/directives/repeat.js';
import { get } from './api.js';
import { STATUSES, banner, bar, counted, duration, facts, isFailed, ms, responseOf, table, timeOfDay, verdict, widthBut } from './words.js';

const SHOWN = 30;
const BLOCK = 26;
const ROW = 22;
const RANK = [...new Set(['in-progress', 'aborting', ...STATUSES])];

export function walksPart(project) {
	const { shell, view } = project;
	let body = { walks: [] };
	let said = '';
	let numbers = new Map();

	async function refresh(signal) {
		const before = body.walks.at(-1)?.verdict;
		body = await get(`${project.path}/walks`, signal);
		numbers = new Map(body.walks.flatMap((walk, index) => walk.requests.map((number) => [number, index + 1])));
		const last = body.walks.at(-1);
		if (last && last.verdict !== before) said = `Walk ${body.walks.length}: ${last.verdict}`;
	}

	const chosen = () => project.chosen('walks');
	const address = (number) => project.addressOf('walks', number);

	function step(by) {
		if (!body.walks.length) return;
		const last = body.walks.length;
		location.hash = address(Math.min(Math.max((chosen() ?? (by > 0 ? 0 : last + 1)) + by, 1), last));
	}

	// The pages that exist, by the responses, and were not requested
	function missing(requests) {
		const requested = new Set(requests.map((request) => request.page));
		const known = Math.max(...requests.map(({ page, restores, hasNextPage }) => (restores ? page + hasNextPage : 0)));
		return Array.from({ length: Math.min(known, 200) }, (_, index) => index + 1).filter((page) => !requested.has(page));
	}

	const box = (page, what, kind, x, y, width) => svg`<g class="page ${kind}"><title>page ${page}: ${what}</title>
		<rect x=${x} y=${y} width=${width} height=${ROW - 4} rx="3"></rect>
		<text x=${x + width / 2} y=${y + 13} text-anchor="middle">${page}</text></g>`;

	function pages(walk, requests) {
		const start = Date.parse(walk.since);
		const end = Math.max(...requests.map(({ at, durationMs }) => Date.parse(at) + durationMs), start + 1);
		const width = widthBut(340, 320, 1100);
		const hollow = missing(requests);
		const room = width - hollow.length * (BLOCK + 4) - 8;
		const scale = Math.max(room - requests.length * (BLOCK + 3), 20) / (end - start);
		let x = 2;
		let lowest = 0;
		const blocks = requests.map((request, index) => {
			const level = requests.slice(0, index).filter((earlier) => earlier.page === request.page && isFailed(earlier)).length;
			lowest = Math.max(lowest, level);
			const size = BLOCK + Math.min(request.durationMs * scale, room / 3);
			x = Math.max(x, 2 + (Date.parse(request.at) - start) * scale);
			const y = 2 + level * ROW;
			const kinds = request.faults.map((fault) => fault.kind).join(', ');
			const block = svg`${box(request.page, responseOf(request), `${isFailed(request) ? 'failed' : ''} ${kinds ? 'faulted' : ''}`, x, y, size)}
				<text class="kind" x=${x + size + 3} y=${y + 13}>${kinds}</text>`;
			x += size + 3 + kinds.length * 8;
			return block;
		});
		const rest = hollow.map((page, index) => box(page, 'not requested', 'hollow', x + index * (BLOCK + 4), 2, BLOCK));
		return svg`<svg role="img" aria-label=${sentence(walk, requests, hollow)} width=${x + hollow.length * (BLOCK + 4) + 4} height=${(lowest + 1) * ROW + 2}>${blocks}${rest}</svg>`;
	}

	function ticks(walk, requests) {
		const start = Date.parse(walk.since);
		const end = Math.max(Date.parse(walk.until), start + 1);
		const width = widthBut(340, 320, 1100);
		const x = (request) => 4 + ((Date.parse(request.at) - start) / (end - start)) * (width - 8);
		const worst = (request) => RANK.find((status) => request.statuses?.[status]) ?? 'none';
		return svg`<svg role="img" aria-label=${sentence(walk, requests, [])} width=${width} height="26">
			${requests.map((request, index) => bar(worst(request), x(request), 9, Math.max((index + 1 < requests.length ? x(requests[index + 1]) : width) - x(request), 1), 8))}
			${requests.map((request) => svg`<line class="poll ${isFailed(request) ? 'failed' : ''}" x1=${x(request)} x2=${x(request)} y1="3" y2="23"><title>${timeOfDay(request.at)}: ${responseOf(request)}</title></line>`)}
		</svg>`;
	}

	const sentence = (walk, requests, hollow) =>
		`${counted(requests.length, 'request')} in ${duration(Date.parse(walk.until) - Date.parse(walk.since))}, ${walk.verdict}: ${walk.explanation}` +
		(hollow.length ? `; ${counted(hollow.length, 'page')} never requested` : '');

	function lane(walk, index, journal) {
		const number = index + 1;
		const requests = journal.byNumbers(walk.requests);
		const picture = !requests.length ? '' : walk.verdict === 'poll' ? ticks(walk, requests) : pages(walk, requests);
		return html`<li class=${chosen() === number ? 'lane chosen' : 'lane'}>
			<div><a data-row href=${address(number)}>Walk ${number}</a> ${verdict(walk.verdict)}</div>
			<div class="wide">${picture}</div>
			<p>${walk.explanation}</p>
			${chosen() === number ? detail(walk, requests) : ''}
		</li>`;
	}

	const detail = (walk, requests) => html`${facts([
			['list', `${walk.addonId}/${walk.backupId}`],
			['token', walk.token],
			['restores', `${walk.restoresSeen} of ${walk.restoresTotal} seen, ${walk.restoresSent} sent`],
			['retries', walk.retries],
		])}
		${table('page, time, response, #took', requests.map((request) => [request.number, [request.page, timeOfDay(request.at), responseOf(request), ms(request.durationMs)]]))}`;

	function draw(journal) {
		const number = chosen();
		const first = Math.max(0, body.walks.length - SHOWN);
		const shown = body.walks.map((walk, index) => [walk, index]).filter(([, index]) => index >= first || index + 1 === number);
		return html`<h2>Walks</h2> <p class="unseen" role="status">${said}</p>
			${body.dropped ? banner(`The journal no longer has ${counted(body.dropped, 'request')} of this project${body.outOfMemory ? ', as it ran out of memory (--journal-mb)' : ''}: a walk may have begun there, so verdicts may be wrong.`) : ''}
			${number !== null && !(number >= 1 && number <= body.walks.length) ? banner(`There is no walk ${view.address.parts[3]}: this project has ${counted(body.walks.length, 'walk')}.`) : ''}
			${body.walks.length
				? html`<ol class="lanes" data-rows>${first ? html`<li>${counted(first, 'earlier walk')}, not shown</li>` : ''}
						${repeat(shown, ([, index]) => index, ([walk, index]) => lane(walk, index, journal))}</ol>`
				: html`<p class="empty">No client has walked a list of restores yet. A walk appears here as it happens.</p>`}`;
	}

	return { refresh, draw, step, numbers: () => numbers };
}
