import { ApiClient, ApiClientInMemoryContextProvider } from '@northflank/js-client';
import { expect, test } from 'vitest';
import { createProject } from './northflank-mock.mjs';
import { allRestores, restored } from './restores.mjs';

/** @param {import('./northflank-mock.mjs').MockProject} mock */
async function clientOf(mock) {
  const contexts = new ApiClientInMemoryContextProvider();
  await contexts.addContext({ name: 'mock', host: mock.baseUrl, token: mock.token });
  return new ApiClient(contexts);
}

const noPause = async () => {};

test('reads every page', async () => {
  const mock = await createProject({ scenario: 'many', restores: 180 });

  const restores = await allRestores(await clientOf(mock), mock.parameters);

  expect(restores).toHaveLength(180);
  await mock.assertWalk('complete');
});

test('returns no restore twice when the list grows meanwhile', async () => {
  const mock = await createProject({ scenario: 'many', restores: 180 });
  await mock.faults.add('mutate', { page: 1, times: 1, insert: 5 });

  const restores = await allRestores(await clientOf(mock), mock.parameters);

  expect(new Set(restores.map(({ id }) => id)).size).toBe(180);
  await mock.assertWalk('complete');
});

test('retries a page that fails', async () => {
  const mock = await createProject({ scenario: 'many', restores: 180 });
  await mock.faults.add('status', { status: 503, page: 3, times: 2 });

  await allRestores(await clientOf(mock), mock.parameters, noPause);

  expect(await mock.assertWalk('complete')).toMatchObject({ pages: 4, retries: 2 });
});

test('waits as long as a 429 says', async () => {
  const mock = await createProject({ scenario: 'many', restores: 180 });
  await mock.faults.add('rate-limit', { reset: 7, page: 2, times: 1 });
  /** @type {number[]} */
  const pauses = [];

  await allRestores(await clientOf(mock), mock.parameters, async (ms) => pauses.push(ms));

  expect(pauses).toEqual([7000]);
  await mock.assertWalk('complete');
});

test('throws the message of the server if a request keeps failing', async () => {
  const mock = await createProject();
  await mock.faults.add('status', { status: 500, message: 'down for a while' });

  await expect(allRestores(await clientOf(mock), mock.parameters, noPause)).rejects.toThrow('500: down for a while');
});

test('polls until a restore has completed', async () => {
  const mock = await createProject({ scenario: 'empty' });
  await mock.clock.step('PT40S', '2024-07-01T12:00:00Z');

  expect(await restored(await clientOf(mock), mock.parameters, { pause: noPause })).toBe('completed');

  const walk = await mock.assertWalk('poll');
  expect(walk).toMatchObject({ polls: 3, polledAfterEnd: false });
  expect(walk.statusesSeen).toEqual(['scheduled', 'in-progress', 'completed']);
});

test('gives up on a restore that takes hours', async () => {
  const mock = await createProject({ scenario: 'empty', clock: { mode: 'frozen', now: '2024-07-01T12:00:00Z' } });
  const client = await clientOf(mock);

  await expect(restored(client, mock.parameters, { polls: 4, pause: noPause })).rejects.toThrow('after 4 polls');

  await mock.clock.advance('PT2H');
  const { data } = await client.get.addon.backup.restores({ parameters: mock.parameters });
  expect(data.restores?.[0].status).toBe('completed');
});
