// Talks to the control plane, or reads what a report holds. Knows nothing of how anything is drawn.

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

const sleep = (milliseconds, signal) =>
	new Promise((resolve) => {
		const timer = setTimeout(resolve, milliseconds);
		signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
	});

const visible = (signal) =>
	new Promise((resolve) => {
		const check = () => (!document.hidden || signal.aborted) && resolve();
		document.addEventListener('visibilitychange', check, { signal });
		signal.addEventListener('abort', resolve, { once: true });
		check();
	});

// Calls `refresh` with the parts that have changed, first with null, until `signal` ends it. `refresh` returns whether
// so much has changed that the next refresh can wait. `onState` gets null, or why there is no news.
export async function follow(path, refresh, onState, signal) {
	let version = '';
	let changed = null;
	let retryMs = PAUSE_MS;
	while (!signal.aborted) {
		try {
			const began = performance.now();
			const isBusy = await refresh(changed, signal);
			const took = performance.now() - began;
			retryMs = PAUSE_MS;
			onState(null);
			if (report) return;
			await sleep(isBusy ? Math.min(Math.max(took * BUSY_FACTOR, BUSY_PAUSE_MS[0]), BUSY_PAUSE_MS[1]) : PAUSE_MS, signal);
			do {
				await visible(signal);
				const since = version && `since=${encodeURIComponent(version)}&`;
				// the version of the first response is from after the first refresh: refresh once more, and miss nothing
				({ version, changed } = await get(`${path}?${since}wait=PT25S`, signal));
			} while (!changed.length && !signal.aborted);
		} catch (failure) {
			if (signal.aborted) return;
			if (failure.status === 404) return onState(failure.message);
			if (failure.status === undefined) throw failure;
			onState(`No news: ${failure.message}. What you see is from before; trying again.`);
			await sleep(retryMs, signal);
			retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
			version = '';
			changed = null;
		}
	}
}
