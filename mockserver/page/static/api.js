// Talks to the control plane, or reads what a report holds of it.

const embedded = document.getElementById('data');

export const report = embedded && JSON.parse(embedded.textContent);

// The page lies at /_mock/, whatever is before that
const base = new URL('.', document.baseURI);

export const origin = report ? report.origin : base.origin;

const failureOf = (status, message) => Object.assign(new Error(message), { status });

export async function request(method, path, body, signal) {
	if (report) {
		if (path in report.responses) return report.responses[path];
		throw failureOf(404, `this report does not have ${path}`);
	}
	let response;
	let content;
	try {
		response = await fetch(new URL(path, base), { method, signal, body: JSON.stringify(body) });
		content = response.status === 204 ? null : await response.json();
	} catch (failure) {
		if (signal?.aborted) throw failure;
		throw failureOf(0, 'the server does not respond');
	}
	if (!response.ok) throw failureOf(response.status, content.error?.message);
	return content;
}

export const get = (path, signal) => request('GET', path, undefined, signal);

const PAUSE_MS = 500;
const BUSY_PAUSE_MS = [2000, 10000];
const BUSY_FACTOR = 40; // under heavy traffic, refreshing takes a fortieth of the time at most
const LONGEST_RETRY_MS = 15000;

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const visible = () => new Promise((resolve) => (document.hidden ? document.addEventListener('visibilitychange', resolve, { once: true }) : resolve()));

// Calls `refresh` with the parts that have changed, first with null, until `signal` ends it. It returns whether so much
// has changed that the next refresh can wait. `onState` gets null, or why there is no news.
export async function follow(path, refresh, onState, signal) {
	if (report) return refresh(null, signal);
	let version = '';
	let retryMs = PAUSE_MS;
	while (!signal.aborted) {
		try {
			await visible();
			const news = await get(`${path}?${version && `since=${encodeURIComponent(version)}&`}wait=PT25S`, signal);
			const began = performance.now();
			const isBusy = news.changed.length && (await refresh(version ? news.changed : null, signal));
			const tookMs = performance.now() - began;
			({ version } = news);
			retryMs = PAUSE_MS;
			onState(null);
			await sleep(isBusy ? Math.min(Math.max(tookMs * BUSY_FACTOR, BUSY_PAUSE_MS[0]), BUSY_PAUSE_MS[1]) : PAUSE_MS);
		} catch (failure) {
			if (signal.aborted) return;
			if (failure.status === undefined) throw failure;
			onState(failure.status === 404 ? failure.message : `No news: ${failure.message}. What you see is from before; trying again.`);
			await sleep(retryMs);
			retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
			version = '';
		}
	}
}
