import { ApiClient, ApiClientInMemoryContextProvider } from '@northflank/js-client';
import { describe, expect } from 'vitest';
import { allRestores, restored } from './restores.mjs';
import { test } from './vitest-fixture.mjs';

/** @param {import('./northflank-mock.mjs').MockProject} mock */
async function clientOf(mock) {
  const contexts = new ApiClientInMemoryContextProvider();
  await contexts.addContext({ name: 'mock', host: mock.baseUrl, token: mock.token });
  return new ApiClient(contexts);
}

describe('a list of 180 restores', () => {
  test.override({ mockOptions: { scenario: 'many', restores: 180 } });

  test('is read to the end', async ({ mock }) => {
    expect(await allRestores(await clientOf(mock), mock.parameters)).toHaveLength(180);
    await mock.assertWalk('complete');
  });

  test('has no restore twice when it grows meanwhile', async ({ mock }) => {
    await mock.faults.add('mutate', { page: 1, times: 1, insert: 5 });

    const restores = await allRestores(await clientOf(mock), mock.parameters);

    expect(new Set(restores.map(({ id }) => id)).size).toBe(180);
    await mock.assertWalk('complete');
  });

  test('is complete after a page that fails, that is not JSON, and that never ends', async ({ mock }) => {
    await mock.faults.add('status', { status: 503, page: 2, times: 2 });
    await mock.faults.add('malformed', { page: 3, times: 1 });
    await mock.faults.add('truncate', { page: 4, times: 1 });

    await allRestores(await clientOf(mock), mock.parameters, { sleep: mock.clock.sleep, limitMs: 1000 });

    expect(await mock.assertWalk('complete')).toMatchObject({ pages: 4, retries: 4 });
  });

  test('is read after the time that a 429 says', async ({ mock }) => {
    await mock.faults.add('rate-limit', { reset: 7, page: 2, times: 1 });
    /** @type {number[]} */
    const waits = [];

    const sleep = async (/** @type {number} */ ms) => {
      waits.push(ms);
      await mock.clock.sleep(ms);
    };
    await allRestores(await clientOf(mock), mock.parameters, { sleep });

    expect(waits).toEqual([7000]);
    await mock.assertWalk('complete');
  });

  test('fails with the message of the server if it keeps failing', async ({ mock }) => {
    await mock.faults.add('status', { status: 500, message: 'down for a while' });

    const restores = allRestores(await clientOf(mock), mock.parameters, { sleep: mock.clock.sleep });

    await expect(restores).rejects.toThrow('500: down for a while');
  });
});

describe('a restore', () => {
  test.override({ mockOptions: { scenario: 'empty', clock: { mode: 'frozen', now: '2024-07-01T12:00:00Z' } } });

  test('is polled until it has completed', async ({ mock }) => {
    // the clock moves only while the client sleeps, so that minutes pass in no time
    const status = await restored(await clientOf(mock), mock.parameters, { sleep: mock.clock.sleep });

    expect(status).toBe('completed');
    const walk = await mock.assertWalk('poll');
    expect(walk).toMatchObject({ polledAfterEnd: false, statusesSeen: ['scheduled', 'in-progress', 'completed'] });
  });

  test('is given up if it takes hours', async ({ mock }) => {
    const status = restored(await clientOf(mock), mock.parameters, { polls: 4, sleep: mock.clock.sleep });

    await expect(status).rejects.toThrow('after 4 polls');
  });

  test('is not started twice if the response is lost', async ({ mock }) => {
    await mock.faults.add('malformed', { operation: 'restore-backup', times: 1 });

    await expect(restored(await clientOf(mock), mock.parameters, { sleep: mock.clock.sleep })).rejects.toThrow();

    expect((await mock.requests()).map(({ operation }) => operation)).toEqual(['restore-backup']);
  });
});
