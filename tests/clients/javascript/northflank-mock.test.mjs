import { once } from 'node:events';
import http from 'node:http';
import { expect, test } from 'vitest';
import { createProject, MockError, WalkError } from './northflank-mock.mjs';

const NOON = '2024-07-01T12:00:00.000Z';

/** @param {import('./northflank-mock.mjs').MockProject} mock @param {string} [query] @returns {Promise<any>} */
async function page(mock, query = '') {
  const response = await fetch(mock.restoresUrl + query, { headers: { authorization: `Bearer ${mock.token}` } });
  return response.json();
}

/** @param {Promise<unknown>} promise @returns {Promise<string>} */
const refusal = (promise) =>
  promise.then(
    () => expect.unreachable('it was not refused'),
    (error) => {
      expect([MockError, WalkError]).toContain(error.constructor);
      return error.message;
    },
  );

/** The bodies that are sent to a server that refuses all. @param {(server: string) => Promise<void>} act */
async function bodiesSent(act) {
  /** @type {string[]} */
  const bodies = [];
  const refusing = http.createServer(async (request, response) => {
    bodies.push((await request.toArray()).join(''));
    response.writeHead(400).end('{}');
  });
  await once(refusing.listen(0, '127.0.0.1'), 'listening');
  await act(`http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (refusing.address()).port}`);
  await once(refusing.close(), 'close');
  return bodies;
}

test('two projects share nothing', async () => {
  const [one, other] = await Promise.all([createProject(), createProject()]);
  await one.faults.add('status', { status: 503 });

  expect((await page(one)).error.status).toBe(503);
  expect((await page(other)).data.restores).toHaveLength(50);
  expect(await one.requests()).toHaveLength(1);
  expect(one.parameters).toEqual({ projectId: one.projectId, addonId: one.addonId, backupId: one.backupId });
});

test('a project id is readable and unique without asking a server, and one that is given wins', async () => {
  const projects = await Promise.all([
    createProject(),
    createProject({ scenario: 'single' }),
    createProject({ scenario: 'single', projectId: undefined }),
  ]);
  const given = `given-${projects[0].projectId}`;

  expect(projects.map(({ projectId }) => projectId)).toEqual([
    expect.stringMatching(/^default-[0-9a-f]{10}$/),
    expect.stringMatching(/^single-[0-9a-f]{10}$/),
    expect.stringMatching(/^single-[0-9a-f]{10}$/),
  ]);
  expect(projects[1].projectId).not.toBe(projects[2].projectId);
  expect((await createProject({ projectId: given })).projectId).toBe(given);
  expect(await refusal(createProject({ projectId: '' }))).toContain('400, projectId must ');
});

test('a scenario with a long name, or one that is no slug, makes a project id all the same', async () => {
  const scenarios = ['Nightly: all_pages', '---', `${'a'.repeat(88)}-b`, 'a'.repeat(200)];
  const bodies = await bodiesSent(async (server) => {
    for (const scenario of scenarios) await refusal(createProject({ scenario }, server));
  });

  expect(bodies.map((body) => JSON.parse(body).projectId)).toEqual([
    expect.stringMatching(/^nightly-all-pages-[0-9a-f]{10}$/),
    expect.stringMatching(/^[0-9a-f]{10}$/),
    expect.stringMatching(/^a{88}-[0-9a-f]{10}$/),
    expect.stringMatching(/^a{89}-[0-9a-f]{10}$/),
  ]);
  for (const body of bodies) expect(body).toMatch(/^{"projectId":/);
});

test('the clock is frozen, moved, stepped and let go', async () => {
  const { clock } = await createProject();

  expect(await clock.freeze(NOON)).toBe(NOON);
  expect(await clock.advance('PT5M')).toBe('2024-07-01T12:05:00.000Z');
  expect(await clock.now()).toBe('2024-07-01T12:05:00.000Z');
  expect(await clock.freeze()).toBe('2024-07-01T12:05:00.000Z');
  expect(await clock.step(30)).toBe('2024-07-01T12:05:00.000Z');
  expect(await clock.real(NOON)).toMatch(/^2024-07-01T12:0/);
});

test('faults are added, listed with how often they struck, and ended', async () => {
  const mock = await createProject();
  const first = await mock.faults.add('status', { status: 503, message: 'busy', page: 1, times: 2 });
  await mock.faults.add('latency', { ms: 1, operation: 'get-backup' });
  await page(mock);

  const [struck, other] = await mock.faults.list();
  expect(struck).toMatchObject({ id: first.id, page: 1, times: 2, triggered: 1, fault: { kind: 'status' } });
  await mock.faults.delete(first.id);
  expect(await mock.faults.list()).toEqual([other]);
  await mock.faults.clear();
  expect(await mock.faults.list()).toEqual([]);
});

test('restores are added, forced to a status, and removed by hand', async () => {
  const mock = await createProject({ scenario: 'empty' });
  const added = await mock.restores.add({ startsAfter: 'PT0S' });
  expect(added.status).toBe('in-progress');

  await mock.restores.force(added.id, 'failed');
  expect((await page(mock)).data.restores).toMatchObject([{ id: added.id, status: 'failed' }]);
  await mock.restores.delete(added.id);
  expect((await page(mock)).data.restores).toEqual([]);
});

test('a reset takes a project back, and a deleted one is gone', async () => {
  const mock = await createProject({ scenario: 'single' });
  await mock.restores.add();
  await mock.reset();
  expect((await page(mock)).data.restores).toHaveLength(1);

  await mock.delete();
  expect(await refusal(mock.reset())).toContain(`404, no project "${mock.projectId}"`);
});

test('a client that stops too early is told which pages came, and how', async () => {
  const mock = await createProject({ scenario: 'many', restores: 180 });
  await mock.faults.add('status', { status: 503, page: 2, times: 1 });
  const { pagination } = await page(mock);
  await page(mock, `?cursor=${pagination.cursor}`);
  await page(mock, '?per_page=500');

  const told = (await refusal(mock.assertWalk())).split('\n');

  expect(told[0]).toBe(
    'expected a walk that is "complete", and it is "abandoned": gave up on page 2, which failed: ' +
      '130 of 180 restores were never seen; ask for it again',
  );
  expect(told.slice(2).map((row) => row.trim().replace(/^[\d-]+ +/, ''))).toEqual([
    expect.stringMatching(/^walk +page +asked with +came back$/),
    expect.stringMatching(/^1 +- +200/),
    expect.stringMatching(/^2 +cursor=\.\.\. +503, fault status$/),
    expect.stringMatching(/^- +per_page=500 +400$/),
  ]);
});

test('a client that never asked is told to look at what it was given', async () => {
  const mock = await createProject();

  const told = await refusal(mock.assertWalk('poll'));

  expect(told).toContain('expected a walk that is "poll", and there was none');
  expect(told).toContain(`no page of ${mock.restoresUrl} was answered`);
  expect(told).toContain('no call came: has the client its host, token and ids?');
});

test('a verdict that there is not is told as such', async () => {
  const mock = await createProject();

  // @ts-expect-error it is told there, too
  expect(await refusal(mock.assertWalk('done'))).toBe(
    'no verdict "done": they are complete, abandoned, skipped, looped, overran, mixed, poll',
  );
});

test('where the journal dropped calls, no walk is as it should be', { timeout: 30_000 }, async () => {
  const mock = await createProject();
  for (let call = 0; call < 1001; call++) await page(mock, '?per_page=1');

  expect(await refusal(mock.assertWalk('poll'))).toBe(
    'expected a walk that is "poll", and the journal dropped 1 call, ' +
      "so the walk's beginning is unknown: use larger pages or reset()",
  );
});

test('what is not allowed is refused in the words of the emulator', async () => {
  const mock = await createProject();

  expect(await refusal(mock.faults.add('status', { status: 50 }))).toContain(
    `POST ${mock.baseUrl}/_mock/projects/${mock.projectId}/faults: 400, fault.status must be at least 400`,
  );
});

test('where nothing answers, or something else, that is told', async () => {
  const other = http.createServer((_, response) => response.end('<h1>Welcome</h1>')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (other.address());
  const server = `http://127.0.0.1:${port}/`;
  const foreign = await refusal(createProject({}, server));
  other.close();
  await once(other, 'close');
  const nobody = await refusal(createProject({}, server));

  const asked = `POST ${server}_mock/projects`;
  expect(foreign).toBe(`${asked}: what answers (200) is not the emulator: <h1>Welcome</h1>`);
  expect(nobody).toBe(`${asked}: nothing answers; start the emulator, or say where it is in NORTHFLANK_MOCK_URL`);
});
