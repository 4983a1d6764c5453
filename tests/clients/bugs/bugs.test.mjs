// Each bug of the dashboard and of the watch command fails one line, whose message names the bug.

import { describe, expect } from 'vitest';
import { test } from '../javascript/vitest-fixture.mjs';
import { dashboard } from './dashboard.mjs';
import { watch } from './watch.mjs';

/** @typedef {import('../javascript/northflank-mock.mjs').MockProject} MockProject */

describe('a dashboard', () => {
  test.override({ mockOptions: { scenario: 'many', restores: 180, clock: { mode: 'frozen' } } });

  /** Five restores appear after page 1, page 2 fails once, and page 3 meets a rate limit. @param {MockProject} mock */
  async function makeItHard(mock) {
    await mock.faults.add('mutate', { insert: 5, page: 1, times: 1 });
    await mock.faults.add('status', { status: 503, page: 2, times: 1 });
    await mock.faults.add('rate-limit', { reset: 2, page: 3, times: 1 });
  }

  test('without a bug passes', async ({ mock }) => {
    await makeItHard(mock);
    await dashboard(mock, mock.clock.sleep);
    await mock.assertWalk({ patient: true });
  });

  test('without a bug shows every restore', async ({ mock }) => {
    const rows = await dashboard(mock, mock.clock.sleep);
    await mock.assertRestores(rows.map(({ id }) => id));
  });

  test('that forgets its last page fails', async ({ mock }) => {
    const rows = await dashboard(mock, mock.clock.sleep, 'forgets its last page');
    await mock.assertWalk('complete'); // on the wire all is well
    await expect(mock.assertRestores(rows.map(({ id }) => id))).rejects.toThrow(
      'expected 180 restores, each once, got 150: the last 30 of the list are missing, as if the last page was not stored',
    );
  });

  test.for(
    /** @type {const} */ ([
      ['shows restores twice', 'got "repeated": reached the end, but 5 restores came twice because the list'],
      ['shows only the first page', 'got "abandoned": stopped after page 1 although hasNextPage was true; 130 of 180'],
      ['requests pages until one is empty', 'got "overran": requested 1 page beyond page 4, whose hasNextPage was false'],
      ['counts pages beside the cursor', 'got "mixed": sent page=2 beside a cursor although it began with'],
      ['ignores Retry-After', 'retries to wait as long as the response says, got "complete": reached the end: 180 of 180'],
      ['gives up after an error', 'got "abandoned": gave up on page 2, which failed; 130 of 180 restores were never seen'],
      ['starts over after an error', 'do not start over after a failure'],
    ]),
  )('that %s fails', async ([bug, message], { mock }) => {
    await makeItHard(mock);
    await dashboard(mock, mock.clock.sleep, bug);
    await expect(mock.assertWalk({ patient: true })).rejects.toThrow(message);
  });
});

describe('a watch command', () => {
  test.override({ mockOptions: { scenario: 'empty', clock: { mode: 'frozen' } } });

  test('without a bug passes', async ({ mock }) => {
    const { id } = await mock.restores.add({ startsAfter: 10, endsAfter: 'PT1M' });
    /** @type {string[]} */
    const printed = [];
    await watch(mock, id, { sleep: mock.clock.sleep, print: (line) => printed.push(line) });
    await mock.assertPolled(id, { minIntervalMs: 5000 });
    expect(printed).toEqual(['scheduled', 'in-progress', 'completed']);
  });

  test.for(
    /** @type {const} */ ([
      ['polls too often', "too often: every 500 ms by the project's clock at the closest"],
      ['goes on after the end', 'polled on after the end: 3 requests came after a response that showed'],
      ['stops too early', 'stopped too early: the last response showed'],
    ]),
  )('that %s fails', async ([bug, message], { mock }) => {
    const { id } = await mock.restores.add({ startsAfter: 10, endsAfter: 20 });
    await watch(mock, id, { sleep: mock.clock.sleep, print: () => {}, bug });
    await expect(mock.assertPolled(id, { minIntervalMs: 5000 })).rejects.toThrow(message);
  });
});
