// A dashboard, as users write one: it shows every restore of a backup. A bug can be switched on.

/** @typedef {{ restoresUrl: string, token: string }} Backup */
/** @typedef {(ms: number) => Promise<unknown>} Sleep */

/** @param {Backup} backup @param {Sleep} sleep @param {string} [bug] @returns {Promise<{ id: string }[]>} */
export async function dashboard(backup, sleep, bug) {
  /** @type {{ id: string }[]} */
  let rows = [];
  let query = '';
  for (let number = 2; ; number++) {
    const page = await read(backup, query, sleep, bug);
    if (page === 'gave up') return rows;
    if (page === 'failed') {
      [rows, query, number] = [[], '', 1];
      continue;
    }
    const { data, pagination } = page;
    if (bug === 'forgets its last page' && !pagination.hasNextPage) return rows;
    rows.push(...data.restores);
    if (bug === 'shows only the first page') return rows;
    if (bug === 'requests pages until one is empty' ? !data.restores.length : !pagination.hasNextPage) return rows;
    const byNumber = ['shows restores twice', 'requests pages until one is empty'].includes(`${bug}`);
    query = byNumber ? `?page=${number}` : `?cursor=${pagination.cursor}`;
    if (bug === 'counts pages beside the cursor') query += `&page=${number}`;
  }
}

/**
 * One page, after as many attempts as it takes.
 * @param {Backup} backup @param {string} query @param {Sleep} sleep @param {string} [bug] @returns {Promise<any>}
 */
async function read({ restoresUrl, token }, query, sleep, bug) {
  for (;;) {
    const response = await fetch(restoresUrl + query, { headers: { authorization: `Bearer ${token}` } });
    if (response.ok) return response.json();
    if (bug === 'gives up after an error') return 'gave up';
    const seconds = Number(response.headers.get('retry-after') ?? 1);
    await sleep(bug === 'ignores Retry-After' ? 100 : seconds * 1000);
    if (bug === 'starts over after an error') return 'failed';
  }
}
