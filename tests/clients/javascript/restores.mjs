// The code under test, as yours may be: it reads a backup's restores with the vendor's client.

import { setTimeout } from 'node:timers/promises';

const ATTEMPTS = 3;
const ENDED = ['completed', 'failed', 'aborted', 'not-supported'];

/** @typedef {import('@northflank/js-client').ApiClient} ApiClient */
/** @typedef {{ projectId: string, addonId: string, backupId: string }} Ids */
/** @typedef {(ms: number) => Promise<unknown>} Pause */
/** @typedef {{ headers: { get(name: string): string | null } }} Response */

/** Every restore of a backup. @param {ApiClient} client @param {Ids} parameters @param {Pause} [pause] */
export async function allRestores(client, parameters, pause = setTimeout) {
  let page = await persistently(() => client.get.addon.backup.restores({ parameters }), pause);
  const restores = [...(page.data.restores ?? [])];
  while (page.pagination?.hasNextPage) {
    // asked of the last good page: one that failed has no next page, and would look like the end
    page = await persistently(page.pagination.getNextPage, pause);
    restores.push(...(page.data.restores ?? []));
  }
  return restores;
}

/**
 * Restores a backup, and waits for the end of that: the status that it has then.
 * @param {ApiClient} client @param {Ids} parameters
 * @param {{ everyMs?: number, polls?: number, pause?: Pause }} [options]
 */
export async function restored(client, parameters, { everyMs = 5000, polls = 60, pause = setTimeout } = {}) {
  const { data } = await persistently(() => client.restore.addon.backup({ parameters }), pause);
  for (let poll = 1; poll <= polls; poll++) {
    const page = await persistently(() => client.get.addon.backup.restores({ parameters }), pause);
    const restore = page.data.restores?.find(({ id }) => String(id) === data.restoreId);
    if (restore && ENDED.includes(restore.status)) return restore.status;
    await pause(everyMs);
  }
  throw new Error(`restore ${data.restoreId} had not ended after ${polls} polls`);
}

/**
 * The client returns errors, and asks again only where a connection broke: here a 429 and a 5xx are asked again too.
 * @template {{ error?: { status?: number, message?: string }, rawResponse: Response }} Answer
 * @param {() => Promise<Answer>} ask @param {Pause} pause
 */
async function persistently(ask, pause) {
  for (let attempt = 1; ; attempt++) {
    const answer = await ask();
    if (!answer.error) return answer;
    const { status = 0, message } = answer.error;
    if (attempt === ATTEMPTS || (status !== 429 && status < 500)) throw new Error(`${status}: ${message}`);
    await pause(Number(answer.rawResponse.headers.get('retry-after') ?? attempt) * 1000);
  }
}
