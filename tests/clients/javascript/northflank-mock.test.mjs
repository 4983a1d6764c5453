import { once } from 'node:events';
import { mkdtemp, readFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createProject, MockError, WalkError } from './northflank-mock.mjs';

const NOON = '2024-07-01T12:00:00.000Z';

/** @param {import('./northflank-mock.mjs').MockProject} mock @param {string} [query] @returns {Promise<any>} */
async function page(mock, query = '') {
  const response = await fetch(mock.restoresUrl + query, { headers: { authorization: `Bearer ${mock.token}` } });
  return response.json();
}

/** The message of a rejected promise. @param {Promise<unknown>} promise @returns {Promise<string>} */
const rejection = (promise) =>
  promise.then(
    () => expect.unreachable('the promise was fulfilled'),
    (error) => {
      expect([MockError, WalkError]).toContain(error.constructor);
      return error.message;
    },
  );

/** The request bodies that a server gets which rejects every request. @param {(server: string) => Promise<void>} act */
async function bodiesSent(act) {
  /** @type {string[]} */
  const bodies = [];
  const rejecting = http.createServer(async (request, response) => {
    bodies.push((await request.toArray()).join(''));
    response.writeHead(400).end('{}');
  });
  await once(rejecting.listen(0, '127.0.0.1'), 'listening');
  await act(`http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (rejecting.address()).port}`);
  await once(rejecting.close(), 'close');
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

test('a default project id is readable and unique, and an explicit one is used as it is', async () => {
  const projects = await Promise.all([
    createProject(),
    createProject({ scenario: 'single' }),
    createProject({ scenario: 'single', projectId: undefined }),
  ]);
  const explicit = `explicit-${projects[0].projectId}`;

  expect(projects.map(({ projectId }) => projectId)).toEqual([
    expect.stringMatching(/^default-[0-9a-f]{10}$/),
    expect.stringMatching(/^single-[0-9a-f]{10}$/),
    expect.stringMatching(/^single-[0-9a-f]{10}$/),
  ]);
  expect(projects[1].projectId).not.toBe(projects[2].projectId);
  expect((await createProject({ projectId: explicit })).projectId).toBe(explicit);
  expect(await rejection(createProject({ projectId: '' }))).toContain('400, projectId must ');
});

test('a scenario name that is long or not a slug becomes part of a valid project id', async () => {
  const scenarios = ['Nightly: all_pages', '---', `${'a'.repeat(88)}-b`, 'a'.repeat(200)];
  const bodies = await bodiesSent(async (server) => {
    for (const scenario of scenarios) await rejection(createProject({ scenario }, server));
  });

  expect(bodies.map((body) => JSON.parse(body).projectId)).toEqual([
    expect.stringMatching(/^nightly-all-pages-[0-9a-f]{10}$/),
    expect.stringMatching(/^[0-9a-f]{10}$/),
    expect.stringMatching(/^a{88}-[0-9a-f]{10}$/),
    expect.stringMatching(/^a{89}-[0-9a-f]{10}$/),
  ]);
  for (const body of bodies) expect(body).toMatch(/^{"projectId":/);
});

test('the clock can be frozen, advanced, stepped and restarted', async () => {
  const { clock } = await createProject();

  expect(await clock.freeze(NOON)).toBe(NOON);
  expect(await clock.advance('PT5M')).toBe('2024-07-01T12:05:00.000Z');
  expect(await clock.now()).toBe('2024-07-01T12:05:00.000Z');
  expect(await clock.freeze()).toBe('2024-07-01T12:05:00.000Z');
  expect(await clock.step(30)).toBe('2024-07-01T12:05:00.000Z');
  expect(await clock.real(NOON)).toMatch(/^2024-07-01T12:0/);
});

test('faults can be added, listed with how often they triggered, and deleted', async () => {
  const mock = await createProject();
  const first = await mock.faults.add('status', { status: 503, message: 'busy', page: 1, times: 2 });
  await mock.faults.add('latency', { ms: 1, operation: 'get-backup' });
  await page(mock);

  const [triggered, other] = await mock.faults.list();
  expect(triggered).toMatchObject({ id: first.id, page: 1, times: 2, triggered: 1, fault: { kind: 'status' } });
  await mock.faults.delete(first.id);
  expect(await mock.faults.list()).toEqual([other]);
  await mock.faults.clear();
  expect(await mock.faults.list()).toEqual([]);
});

test('a rate limit that triggers, and an outage with its headers, hold on the clock of the project', async () => {
  const mock = await createProject({ clock: { mode: 'frozen', now: NOON } });
  const responses = async () => {
    const { status, headers } = await fetch(mock.restoresUrl, { headers: { authorization: `Bearer ${mock.token}` } });
    return [status, headers.get('retry-after'), headers.get('server')];
  };
  await mock.faults.add('rate-limit', { reset: 30, times: 1 });
  await mock.faults.add('status', {
    status: 503,
    for: 'PT1M',
    times: 1,
    retryAfter: new Date('2024-07-01T12:01:00Z'),
    headers: { Server: 'a-proxy' },
  });

  expect((await responses()).slice(0, 2)).toEqual([429, '30']);
  await mock.clock.advance(20);
  expect((await responses()).slice(0, 2)).toEqual([429, '10']);
  await mock.clock.advance(10);
  expect(await responses()).toEqual([503, 'Mon, 01 Jul 2024 12:01:00 GMT', 'a-proxy']);
  expect(await mock.faults.list()).toMatchObject([{ triggered: 1 }, { holdsUntil: '2024-07-01T12:01:30.000Z' }]);
  await mock.clock.advance(60);
  expect((await responses())[0]).toBe(200);
});

test('a project can have a rate limit of its own', async () => {
  const mock = await createProject({ rateLimit: { limit: 1 } });

  expect(await page(mock)).toHaveProperty('data');
  expect(await page(mock)).toHaveProperty('error.status', 429);
});

test('restores can be added, forced to a status and deleted', async () => {
  const mock = await createProject({ scenario: 'empty' });
  const added = await mock.restores.add({ startsAfter: 'PT0S' });
  expect(added.status).toBe('in-progress');

  await mock.restores.force(added.id, 'failed');
  expect((await page(mock)).data.restores).toMatchObject([{ id: added.id, status: 'failed' }]);
  await mock.restores.delete(added.id);
  expect((await page(mock)).data.restores).toEqual([]);
});

test('the next restores that a client starts can be planned', async () => {
  const mock = await createProject({ scenario: 'empty', clock: { mode: 'frozen', now: NOON } });
  const start = () =>
    fetch(mock.restoresUrl.replace(/restores$/, 'restore'), {
      method: 'POST',
      headers: { authorization: `Bearer ${mock.token}` },
    });
  await mock.plan({ endsAfter: 30, outcome: 'failed', times: 1 });
  await start();
  await start();
  await mock.plan({});
  await mock.clearPlan();
  await mock.clock.advance('PT1H');

  const statuses = (await mock.restores.list()).map(({ status }) => status);
  expect(statuses).toEqual(['completed', 'failed']);
  await mock.restores.add({ status: 'aborted', id: 1 });
  expect((await mock.restores.list()).at(-1)).toMatchObject({ id: 1, status: 'aborted' });
});

test('restores are listed with their plans, as of any instant, without a request in the journal', async () => {
  const mock = await createProject({ scenario: 'empty', clock: { mode: 'frozen', now: NOON } });
  const { id } = await mock.restores.add({ startsAfter: 10, endsAfter: 'PT1M', outcome: 'failed' });
  await mock.restores.add();

  const [newest, planned] = await mock.restores.list();
  expect(newest).toMatchObject({ status: 'scheduled', plan: {} });
  expect(planned).toMatchObject({ id, status: 'scheduled', nextChangeAt: '2024-07-01T12:00:10.000Z' });
  expect(planned.plan).toEqual({
    startsAt: '2024-07-01T12:00:10.000Z',
    endsAt: '2024-07-01T12:01:00.000Z',
    outcome: 'failed',
  });
  for (const at of ['2024-07-01T12:05:00+00:00', new Date('2024-07-01T12:05:00Z')]) {
    expect((await mock.restores.list({ at }))[1].status).toBe('failed');
  }
  expect(await mock.restores.list({ limit: 1 })).toHaveLength(1);
  expect(await mock.requests()).toEqual([]);
});

test('a client that gets sleep() and monotonic() waits in no time', async () => {
  const { clock } = await createProject({ clock: { mode: 'frozen', now: NOON } });

  await clock.sleep(300_000);
  await clock.sleep(0.5);

  expect(clock.monotonic()).toBe(300_001);
  expect(await clock.now()).toBe('2024-07-01T12:05:00.001Z');
});

test('a project can be saved as a scenario file', async () => {
  const mock = await createProject({ scenario: 'empty', clock: { mode: 'frozen', now: NOON } });
  await mock.restores.add({ status: 'aborting' });
  const path = join(await mkdtemp(join(tmpdir(), 'scenario-')), 'kept.toml');

  await mock.saveScenario(path);

  expect(await readFile(path, 'utf8')).toContain('# aborting');
});

test('a report of a project is a page in a file', async () => {
  const mock = await createProject({ scenario: 'single' });
  await page(mock);
  const [{ requestId }] = await mock.requests();
  const path = join(await mkdtemp(join(tmpdir(), 'report-')), 'failed.html');

  await mock.report(path);

  const written = await readFile(path, 'utf8');
  expect(written).toMatch(/^<!doctype html>/i);
  expect(written).toContain(mock.projectId);
  expect(written).toContain(requestId);
  await mock.delete();
  expect(await rejection(mock.report(path))).toContain(`404, no project "${mock.projectId}"`);
});

test('an error with an id and details of any service can be replayed', async () => {
  const mock = await createProject();
  const details = { feature: ['not in this plan'], limit: 3 };
  const fault = await mock.faults.add('status', { status: 403, id: 'nf-feature-disabled', details, message: 'off' });

  expect(fault.fault).toMatchObject({ id: 'nf-feature-disabled', details });
  expect((await page(mock)).error).toEqual({ status: 403, message: 'off', id: 'nf-feature-disabled', details });
  expect(await mock.requests()).toMatchObject([{ status: 403, errorId: 'nf-feature-disabled', errorMessage: 'off' }]);
});

test('a list that gives no cursor, or ignores it, is named in the explanation of the walk', async () => {
  const mock = await createProject({ scenario: 'many', restores: 120 });
  const { id } = await mock.faults.add('paging', { what: 'no-cursor', page: 2 });
  const { pagination } = await page(mock);
  expect((await page(mock, `?cursor=${pagination.cursor}`)).pagination).not.toHaveProperty('cursor');
  expect(await mock.requests()).toMatchObject([{ faults: [] }, { faults: [{ id, kind: 'paging' }] }]);
  expect((await mock.assertWalk('abandoned')).explanation).toContain('the list gave no cursor to the next one');

  await mock.reset();
  await mock.faults.add('paging', { what: 'ignore-cursor' });
  const first = await page(mock);
  expect((await page(mock, `?cursor=${first.pagination.cursor}`)).data).toEqual(first.data);
  expect((await mock.assertWalk('abandoned')).explanation).toContain('the list repeated a cursor');
  // @ts-expect-error the type check reports it too
  expect(await rejection(mock.faults.add('paging', { what: 'colour' }))).toContain('400, fault.what must be repeat-cursor, empty-page, ');
});

test('a reset restores the initial data, and a deleted project no longer exists', async () => {
  const mock = await createProject({ scenario: 'single' });
  await mock.restores.add();
  await mock.reset();
  expect((await page(mock)).data.restores).toHaveLength(1);

  await mock.delete();
  expect(await rejection(mock.reset())).toContain(`404, no project "${mock.projectId}"`);
});

test('a failed assertWalk shows the verdict and a table of the requests', async () => {
  const mock = await createProject({ scenario: 'many', restores: 180, clock: { mode: 'frozen', now: NOON } });
  await mock.faults.add('status', { status: 503, page: 2, times: 1 });
  const { pagination } = await page(mock);
  await page(mock, `?cursor=${pagination.cursor}`);
  await page(mock, '?per_page=500');
  const [first, second, third] = (await mock.requests()).map(({ requestId }) => requestId);

  const lines = (await rejection(mock.assertWalk())).split('\n');

  expect(lines[0]).toMatch(/^expected walk verdict "complete", got "abandoned": .*130 of 180 restores were never seen/);
  expect(lines.slice(2).map((row) => row.trim().replace(/ {2,}/g, ' | '))).toEqual([
    'walk | page | project time | requested with | response | request id',
    `1 | 1 | 12:00:00.000 | - | 200, 50 restores, has a next page | ${first}`,
    `1 | 2 | 12:00:00.000 | cursor=... | 503, fault status | ${second}`,
    expect.stringMatching(new RegExp(`^- \\| - \\| 12:00:00.000 \\| per_page=500 \\| 400, .*per_page.* \\| ${third}$`)),
    '',
    `live page: ${mock.baseUrl}/_mock/#/p/${mock.projectId}/walks/1`,
  ]);
});

test('a failed assertWalk shows every shape of entry that the journal has', async () => {
  const mock = await createProject({ scenario: 'many', restores: 180 });
  const project = `${mock.baseUrl}/v1/projects/${mock.projectId}`;
  const authorization = `Bearer ${mock.token}`;
  /** @param {string} url @param {RequestInit} [options] */
  const send = async (url, options = {}) => {
    const response = await fetch(url, { headers: { authorization }, ...options }).catch(() => undefined);
    await response?.text().catch(() => undefined); // a fault may cut it off
  };
  for (const kind of /** @type {const} */ (['reset', 'truncate', 'malformed'])) await mock.faults.add(kind, { times: 1 });
  for (let attempt = 0; attempt < 3; attempt++) await send(`${mock.restoresUrl}?page=1`);
  await send(`${project}/addons`);
  await send(mock.restoresUrl, { method: 'HEAD' });
  await send(mock.restoresUrl, { headers: {} });
  await send(mock.restoresUrl, { method: 'PUT' });
  await send(`${mock.restoresUrl}/${'x'.repeat(3000)}`);
  await send(`${project}/addons/no-such/backups/any/restores`);
  await send(`${mock.restoresUrl}?colour=${'x'.repeat(3000)}`);
  await send(`${mock.restoresUrl.replace('/restores', '/restore')}`, { method: 'POST' });

  const table = (await rejection(mock.assertWalk())).split('\n').slice(3, -2);

  expect(await mock.requests()).toHaveLength(11);
  expect(table.map((row) => row.trim().replace(/ [\d:.]{12}/, '').replace(/ +[^ ]+$/, '').replace(/ {2,}/g, ' | ').replaceAll(mock.projectId, 'ID'))).toEqual([
    '1 | 1 | page=1 | no response, fault reset',
    '1 | 1 | page=1 | 200, fault truncate',
    '1 | 1 | page=1 | 200, fault malformed',
    '- | 1 | list-addons | 200',
    '- | 1 | - | 200',
    expect.stringMatching(/^- \| - \| GET \/v1\/projects\/ID\/[^ ]+\/restores \| 401, no bearer token/),
    expect.stringMatching(/^- \| - \| PUT \/v1\/projects\/ID\/[^ ]+\/restores \| 405, .*…$/),
    expect.stringMatching(/^- \| - \| GET \/v1\/projects\/ID\/[^ ]+x… \| 404, .*…$/),
    '- | 1 | - | 404, no addon "no-such" in project "ID"',
    expect.stringMatching(/^1 \| 1 \| colour=x+… \| 200, 50 restores, has a next page$/),
    '- | - | restore-backup | 200',
  ]);
});

test('without a request, a failed assertWalk says what to check', async () => {
  const mock = await createProject();

  const message = await rejection(mock.assertWalk('poll'));

  expect(message).toContain('expected walk verdict "poll", got no walk');
  expect(message).toContain(`no page of ${mock.restoresUrl} was returned`);
  expect(message).toContain("received no request: check the client's host, token and ids");
});

test('an impatient retry fails assertWalk, which shows how early it came', async () => {
  const mock = await createProject({ scenario: 'single', clock: { mode: 'frozen', now: NOON } });
  await mock.faults.add('rate-limit', { reset: 30, times: 1 });
  await page(mock);
  await mock.clock.advance(10);
  await page(mock);
  await mock.clock.advance(20);
  await page(mock);

  await mock.assertWalk();
  const message = await rejection(mock.assertWalk({ patient: true }));

  expect(message).toMatch(/^expected retries to wait as long as the response says, got "complete": .*20 s too early/);
  expect(message).toContain('429, fault rate-limit, Retry-After: 20, retried 20 s too early');
});

test('walks can be selected by backup, token and verdict, and have one verdict after another', async () => {
  const mock = await createProject({ scenario: 'many', restores: 60 });
  const { pagination } = await page(mock);
  await page(mock, `?cursor=${pagination.cursor}`);
  await fetch(mock.restoresUrl, { headers: { authorization: 'Bearer another' } });

  expect(await mock.assertWalks(['complete', 'abandoned'])).toHaveLength(2);
  expect(await mock.assertWalk('complete', { token: mock.token })).toMatchObject({ pages: 2 });
  await mock.assertWalks(['abandoned'], { verdict: 'abandoned', backup: mock.backupId });
  await mock.assertWalks([], { backup: 'another' });
  expect(await rejection(mock.assertWalks(['complete', 'poll']))).toMatch(
    /^expected walk verdicts "complete", "poll", got "complete", "abandoned", got "abandoned": stopped after page 1/,
  );
  expect(await rejection(mock.assertWalks(['complete', 'abandoned', 'poll']))).toMatch(
    /^expected walk verdicts "complete", "abandoned", "poll", got "complete", "abandoned"\n\n/,
  );
  expect(await rejection(mock.assertWalks(['poll'], { token: 'unused' }))).toMatch(
    /^expected walk verdicts "poll", got no walk: no page of http/,
  );
  // @ts-expect-error the type check reports it too
  expect(await rejection(mock.assertWalks([], { verdict: 'done' }))).toContain('unknown verdict "done"');
});

test('walks with the same explanation are described once, with a count', async () => {
  const mock = await createProject({ scenario: 'many', restores: 60 });
  for (const token of ['one', 'two']) {
    await fetch(mock.restoresUrl, { headers: { authorization: `Bearer ${token}` } });
  }

  expect(await rejection(mock.assertWalk())).toMatch(
    /^expected walk verdict "complete", got "abandoned" \(2 walks\): stopped after page 1.*\n\n[^]*\n\nlive page: .*\/walks\/1$/,
  );
});

test('assertPolled fails on polls that are too often, that go on after the end, or that stop too early', async () => {
  const mock = await createProject({ scenario: 'empty', clock: { mode: 'frozen', now: NOON } });
  const { id } = await mock.restores.add({ endsAfter: 'PT15S' });
  await page(mock);
  await mock.clock.advance(10);
  await page(mock);

  expect(await rejection(mock.assertPolled(id))).toContain(
    `stopped too early: the last response showed restore ${id} as "in-progress"`,
  );
  await mock.clock.advance(5);
  await page(mock);
  expect(await mock.assertPolled(id, { minIntervalMs: 5000 })).toMatchObject({
    responses: 3,
    statusesSeen: ['in-progress', 'completed'],
    shortestProjectIntervalMs: 5000,
  });
  expect(await rejection(mock.assertPolled(id, { minIntervalMs: 60_000 }))).toMatch(
    /^polled restore \d+ too often: every 5000 ms by the project's clock at the closest, .* expected at least 60000 ms\n/,
  );
  await page(mock);
  expect(await rejection(mock.assertPolled(id))).toContain(
    `polled on after the end: 1 request came after a response that showed restore ${id} as ended`,
  );
  await mock.assertPolled(id, { stopped: false });
});

test('a restore that was never polled fails assertPolled, and one that does not exist is an error', async () => {
  const mock = await createProject({ scenario: 'empty' });
  const { id } = await mock.restores.add();

  expect(await mock.pollsOf(id)).toMatchObject({ responses: 0, shortestIntervalMs: null });
  expect(await rejection(mock.assertPolled(id))).toContain(`no response held restore ${id}: it was never polled`);
  expect(await rejection(mock.assertPolled('none'))).toContain('404, no restore "none"');
});

test('waitForWalk waits for a client, and fails with its walks if it does not come', async () => {
  const mock = await createProject({ scenario: 'many', restores: 60 });
  const waited = mock.waitForWalk('complete', { timeoutMs: 60_000 });
  const { pagination } = await page(mock);
  await page(mock, `?cursor=${pagination.cursor}`);

  expect(await waited).toMatchObject({ verdict: 'complete', pages: 2 });
  expect(await rejection(mock.waitForWalk('poll', { timeoutMs: 1 }))).toMatch(
    /^expected walk verdict "poll" within 1 ms, got "complete": reached the end/,
  );
  // @ts-expect-error the type check reports it too
  expect(await rejection(mock.waitForWalk('done'))).toContain('unknown verdict "done"');
});

test('a client that stored other restores than are listed fails assertRestores, which says which', async () => {
  const mock = await createProject({ scenario: 'many', restores: 60 });
  const ids = (await mock.restores.list()).map(({ id }) => id);
  const stored = (/** @type {(number | string)[]} */ ...kept) => rejection(mock.assertRestores(kept));

  await mock.assertRestores([...ids].reverse());
  expect(await stored(...ids.slice(0, 50))).toBe(
    'expected 60 restores, each once, got 50: the last 10 of the list are missing, as if the last page was not stored',
  );
  expect(await stored(...ids.slice(2), ids[3], ids[3], 7)).toBe(
    `expected 60 restores, each once, got 61: 2 are missing, the first of them ${ids[0]}, which is number 1 of the list; ` +
      `1 are stored more than once, the first of them ${ids[3]}; 1 are not in the list, the first of them 7`,
  );
  const large = await createProject({ scenario: 'many', restores: 1001 });
  expect(await rejection(large.assertRestores([]))).toBe(
    'the backup has 1001 restores, and at most 1000 can be compared',
  );
});

test('an unknown verdict is an error that lists the known ones', async () => {
  const mock = await createProject();

  // @ts-expect-error the type check reports it too
  expect(await rejection(mock.assertWalk('done'))).toBe(
    'unknown verdict "done": expected one of complete, repeated, abandoned, skipped, looped, overran, mixed, poll',
  );
});

test('assertWalk fails if the journal dropped requests', async () => {
  const mock = await createProject();
  for (let count = 0; count < 1001; count++) await page(mock, '?per_page=1');

  expect(await rejection(mock.assertWalk('poll'))).toBe(
    'expected walk verdict "poll", but the journal dropped 1 request, ' +
      'so the start of the walk is unknown: use larger pages or reset()',
  );
});

test('an error response is thrown with the message of the emulator', async () => {
  const mock = await createProject();

  expect(await rejection(mock.faults.add('status', { status: 50 }))).toContain(
    `POST ${mock.baseUrl}/_mock/projects/${mock.projectId}/faults: 400, fault.status must be at least 400`,
  );
});

test('the end of a block with await using deletes the project, unless it is deleted', async () => {
  const mock = await createProject();
  await mock[Symbol.asyncDispose]();
  await expect(mock.delete()).rejects.toMatchObject({ name: 'MockError', status: 404 });
  await mock[Symbol.asyncDispose]();

  const unreachable = Object.assign(mock, { baseUrl: 'http://127.0.0.1:1' });
  expect(await rejection(unreachable[Symbol.asyncDispose]())).toContain('no server responds');
});

test('an unreachable server, or one that is not the emulator, is an error that says so', async () => {
  const other = http.createServer((_, response) => response.end('<h1>Welcome</h1>')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (other.address());
  const server = `http://127.0.0.1:${port}/`;
  const notTheEmulator = await rejection(createProject({}, server));
  other.close();
  await once(other, 'close');
  const unreachable = await rejection(createProject({}, server));

  const request = `POST ${server}_mock/projects`;
  expect(notTheEmulator).toBe(`${request}: not the emulator; it responded with status 200: <h1>Welcome</h1>`);
  expect(unreachable).toBe(`${request}: no server responds; start the emulator, or set NORTHFLANK_MOCK_URL to its URL`);
});
