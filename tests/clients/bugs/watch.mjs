// A command that watches a restore, as users write one: it prints each status until the restore has ended. A bug can be
// switched on.

const ENDED = ['completed', 'failed', 'aborted', 'not-supported'];

/** @typedef {{ sleep: (ms: number) => Promise<unknown>, print: (line: string) => void, bug?: string }} Options */

/** @param {import('./dashboard.mjs').Backup} backup @param {string | number} id @param {Options} options */
export async function watch({ restoresUrl, token }, id, { sleep, print, bug }) {
  let shown = '';
  for (let pollsAfterEnd = bug === 'goes on after the end' ? 3 : 0; ; ) {
    const response = await fetch(restoresUrl, { headers: { authorization: `Bearer ${token}` } });
    const { data } = /** @type {any} */ (await response.json());
    const { status } = data.restores.find((/** @type {{ id: string }} */ restore) => restore.id === id);
    if (status !== shown) print(status);
    shown = status;
    if (bug === 'stops too early' && status === 'in-progress') return;
    if (ENDED.includes(status) && pollsAfterEnd-- === 0) return;
    await sleep(bug === 'polls too often' ? 500 : 5000);
  }
}
