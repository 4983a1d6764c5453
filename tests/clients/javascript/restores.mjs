// An example of code under test: it reads a backup's restores with the vendor's client.

import { setTimeout } from 'node:timers/promises';

const ATTEMPTS = 3;
const ENDED = ['completed', 'failed', 'aborted', 'not-supported'];

/** @typedef {import('@northflank/js-client').ApiClient} ApiClient */
/** @typedef {{ projectId: string, addonId: string, backupId: string }} Ids */
/** @typedef {(ms: number) => Promise<unknown>} Sleep */
/** @typedef {{ sleep?: Sleep, limitMs?: number }} Options how to wait, and the time limit of one request */
/** @typedef {{ headers: { get(name: string): string | null } }} Response */
/** @typedef {{ error?: { status?: number, message?: string }, rawResponse: Response }} Result */
/** @typedef {{ status?: number, waitSeconds?: number }} Failure */

/** Reads every restore of a backup. @param {ApiClient} client @param {Ids} parameters @param {Options} [options] */
export async function allRestores(client, parameters, options) {
  let page = await read(() => client.get.addon.backup.restores({ parameters }), options);
  const restores = [...(page.data.restores ?? [])];
  while (page.pagination?.hasNextPage) {
    // repeated from the last successful page: a failed one has no hasNextPage and would look like the last
    page = await read(page.pagination.getNextPage, options);
    restores.push(...(page.data.restores ?? []));
  }
  return restores;
}

/**
 * Restores a backup, waits until the restore has ended, and returns its final status.
 * @param {ApiClient} client @param {Ids} parameters @param {Options & { everyMs?: number, polls?: number }} [options]
 */
export async function restored(client, parameters, { everyMs = 5000, polls = 60, ...options } = {}) {
  const { sleep = setTimeout } = options;
  // not repeated: if only the response was lost, that would start a second restore
  const { data } = succeeded(await inTime(client.restore.addon.backup({ parameters }), options.limitMs));
  for (let poll = 1; poll <= polls; poll++) {
    const page = await read(() => client.get.addon.backup.restores({ parameters }), options);
    const restore = page.data.restores?.find(({ id }) => String(id) === data.restoreId);
    if (restore && ENDED.includes(restore.status)) return restore.status;
    await sleep(everyMs);
  }
  throw new Error(`restore ${data.restoreId} had not ended after ${polls} polls`);
}

/**
 * Sends a request, and repeats it after a 429, a 5xx, or an error that the client throws, such as a body that is not
 * JSON. The client itself repeats a request whose connection breaks.
 * @template {Result} R @param {() => Promise<R>} send @param {Options} [options]
 */
async function read(send, { sleep = setTimeout, limitMs } = {}) {
  for (let attempt = 1; ; attempt++) {
    try {
      return succeeded(await inTime(send(), limitMs));
    } catch (failure) {
      const { status = 500, waitSeconds = attempt } = /** @type {Failure} */ (failure);
      if (attempt === ATTEMPTS || (status !== 429 && status < 500)) throw failure;
      await sleep(waitSeconds * 1000);
    }
  }
}

/** Throws the error in a result, with its status and how long to wait. @template {Result} R @param {R} result */
function succeeded(result) {
  if (!result.error) return result;
  const { status, message } = result.error;
  const { headers } = result.rawResponse;
  const wait = headers.get('retry-after') ?? headers.get('x-ratelimit-reset');
  const waitSeconds = status === 429 && wait ? Number(wait) : undefined;
  throw Object.assign(new Error(`${status}: ${message}`), { status, waitSeconds });
}

/** A time limit: the client itself waits forever for the rest of a body. @template R @param {Promise<R>} request */
async function inTime(request, limitMs = 10_000) {
  const timer = new AbortController();
  const timeout = setTimeout(limitMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no response within ${limitMs} ms`);
  });
  try {
    return await Promise.race([request, timeout]);
  } finally {
    timer.abort();
  }
}
