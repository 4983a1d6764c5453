// An example of code under test: it reads a backup's restores with the vendor's client.

import { setTimeout } from 'node:timers/promises';

const ATTEMPTS = 3;
const ENDED = ['completed', 'failed', 'aborted', 'not-supported'];

/** @typedef {import('@northflank/js-client').ApiClient} ApiClient */
/** @typedef {{ projectId: string, addonId: string, backupId: string }} Ids */
/** @typedef {(ms: number) => Promise<unknown>} Pause */
/** @typedef {{ headers: { get(name: string): string | null } }} Response */

/** Reads every restore of a backup. @param {ApiClient} client @param {Ids} parameters @param {Pause} [pause] */
export async function allRestores(client, parameters, pause = setTimeout) {
  let page = await retry(() => client.get.addon.backup.restores({ parameters }), pause);
  const restores = [...(page.data.restores ?? [])];
  while (page.pagination?.hasNextPage) {
    // retried from the last successful page: a failed one has no hasNextPage and would look like the last
    page = await retry(page.pagination.getNextPage, pause);
    restores.push(...(page.data.restores ?? []));
  }
  return restores;
}

/**
 * Restores a backup, waits until the restore has ended, and returns its final status.
 * @param {ApiClient} client @param {Ids} parameters
 * @param {{ everyMs?: number, polls?: number, pause?: Pause }} [options]
 */
export async function restored(client, parameters, { everyMs = 5000, polls = 60, pause = setTimeout } = {}) {
  const { data } = await retry(() => client.restore.addon.backup({ parameters }), pause);
  for (let poll = 1; poll <= polls; poll++) {
    const page = await retry(() => client.get.addon.backup.restores({ parameters }), pause);
    const restore = page.data.restores?.find(({ id }) => String(id) === data.restoreId);
    if (restore && ENDED.includes(restore.status)) return restore.status;
    await pause(everyMs);
  }
  throw new Error(`restore ${data.restoreId} had not ended after ${polls} polls`);
}

/**
 * Repeats a request after a 429 or a 5xx, which the client returns as errors; it retries broken connections itself.
 * @template {{ error?: { status?: number, message?: string }, rawResponse: Response }} Result
 * @param {() => Promise<Result>} send @param {Pause} pause
 */
async function retry(send, pause) {
  for (let attempt = 1; ; attempt++) {
    const result = await send();
    if (!result.error) return result;
    const { status = 0, message } = result.error;
    if (attempt === ATTEMPTS || (status !== 429 && status < 500)) throw new Error(`${status}: ${message}`);
    await pause(Number(result.rawResponse.headers.get('retry-after') ?? attempt) * 1000);
  }
}
