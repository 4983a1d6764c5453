// Helpers to test a client against the emulator: each test creates its own project, with data, clock, faults and
// verdicts. Copy this file, and northflank-mock.d.mts for its types; it has no dependencies.

/** @import { Clock, ClockSetting, FaultKind, Faults, Instant } from './northflank-mock.mjs' */
/** @import { MockProject, Plan, Polls, ProjectOptions, RequestRecord, Restore, Restores } from './northflank-mock.mjs' */
/** @import { Verdict, Walk, WalkFilter, WalkOptions } from './northflank-mock.mjs' */

const WHEN = ['operation', 'page', 'nth', 'times', 'for', 'probability'];
const VERDICTS = ['complete', 'repeated', 'abandoned', 'skipped', 'looped', 'overran', 'mixed', 'poll'];
const ENDED = ['completed', 'failed', 'aborted', 'not-supported'];
const MAX_LISTED = 1000;
const MAX_WAIT_MS = 30_000; // for which a GET can wait
const TIMER_MS = 20; // how inexact a timer may be
const MAX_ROWS = 40;
const MAX_WIDTH = 100;

/** @param {ProjectOptions} [options] @param {string} [url] @returns {Promise<MockProject>} */
export async function createProject(options = {}, url = process.env.NORTHFLANK_MOCK_URL || 'http://127.0.0.1:8080') {
  const server = url.replace(/\/+$/, '');
  // the project id comes first, because a load balancer looks for it near the start of the body
  const { projectId = newProjectId(options.scenario), ...others } = options;
  return new Project(server, await request(server, 'POST', '/projects', { projectId, ...others }));
}

/** @implements {MockProject} */
class Project {
  /** @param {string} server @param {Record<string, string>} created */
  constructor(server, created) {
    this.baseUrl = server;
    this.token = created.token;
    this.restoresUrl = created.restoresUrl;
    this.projectId = created.projectId;
    this.addonId = created.addonId;
    this.backupId = created.backupId;
    this.parameters = { projectId: created.projectId, addonId: created.addonId, backupId: created.backupId };
  }

  /** @type {Clock} */
  clock = {
    freeze: (now) => this.#setClock({ mode: 'frozen', now }),
    step: (by, now) => this.#setClock({ mode: 'stepping', step: by, now }),
    real: (now) => this.#setClock({ mode: 'real', now }),
    advance: async (by) => (await this.#request('POST', '/clock/advance', { by })).now,
    now: async () => (await this.#request('GET', '/clock')).now,
    sleep: async (ms) => {
      await this.clock.advance(Math.ceil(ms) / 1000);
      this.#sleptMs += Math.ceil(ms);
    },
    monotonic: () => this.#sleptMs,
  };
  #sleptMs = 0;

  /** @type {Faults} */
  faults = {
    add: (/** @type {FaultKind} */ kind, /** @type {object} */ fields = {}) => {
      const [when, fault] = [true, false].map((isCondition) =>
        Object.fromEntries(Object.entries(fields).filter(([name]) => WHEN.includes(name) === isCondition)),
      );
      return this.#request('POST', '/faults', { ...when, fault: { kind, ...fault } });
    },
    list: async () => (await this.#request('GET', '/faults')).faults,
    delete: (id) => this.#request('DELETE', `/faults/${encodeURIComponent(id)}`),
    clear: () => this.#request('DELETE', '/faults'),
  };

  /** @type {Restores} */
  restores = {
    add: (plan = {}) => this.#request('POST', this.#restoresPath(), plan),
    force: (id, status) => this.#request('PATCH', this.#restoresPath(id), { status }),
    delete: (id) => this.#request('DELETE', this.#restoresPath(id)),
    list: async ({ at, limit = MAX_LISTED } = {}) => {
      const query = new URLSearchParams({ limit: `${limit}` });
      if (at) query.set('at', at instanceof Date ? at.toISOString() : at);
      return (await this.#request('GET', `${this.#restoresPath()}?${query}`)).restores;
    },
  };

  /** @param {Plan & { times?: number }} plan */
  async plan(plan) {
    await this.#request('PUT', '/plan', plan);
  }

  /** @returns {Promise<void>} */
  clearPlan() {
    return this.#request('DELETE', '/plan');
  }

  /** @returns {Promise<RequestRecord[]>} */
  async requests() {
    return (await this.#request('GET', '/requests')).requests;
  }

  /** @returns {Promise<Walk[]>} */
  async walks() {
    return (await this.#request('GET', '/walks')).walks;
  }

  /** @param {Verdict | WalkOptions} [verdict] @param {WalkOptions} [options] @returns {Promise<Walk>} */
  async assertWalk(verdict = 'complete', options = {}) {
    if (typeof verdict === 'object') return this.assertWalk('complete', verdict);
    const { patient, ...filter } = options;
    const walks = await this.#selectedWalks(`walk verdict "${verdict}"`, [verdict], filter);
    const wrong = walks.filter((walk) => walk.verdict !== verdict);
    const hasty = walks.filter((walk) => patient && walk.retriesTooEarly);
    const last = walks.at(-1);
    if (!last || wrong.length) throw await this.#walkError(`expected walk verdict "${verdict}"`, wrong);
    if (hasty.length) throw await this.#walkError('expected retries to wait as long as the response says', hasty);
    return last;
  }

  /** @param {readonly Verdict[]} verdicts @param {WalkFilter} [filter] */
  async assertWalks(verdicts, filter = {}) {
    const walks = await this.#selectedWalks('walk verdicts', verdicts, filter);
    const got = walks.map((walk) => walk.verdict);
    if (quoted(got) === quoted(verdicts)) return walks;
    const expected = `expected walk verdicts ${quoted(verdicts)}`;
    const wrong = walks.filter((walk, index) => walk.verdict !== verdicts[index]);
    throw await this.#walkError(walks.length ? `${expected}, got ${quoted(got)}` : expected, wrong, walks.length);
  }

  /** @param {Iterable<number | string>} stored */
  async assertRestores(stored) {
    const list = await this.#request('GET', `${this.#restoresPath()}?limit=${MAX_LISTED}`);
    if (list.count > MAX_LISTED) {
      throw new MockError(`the backup has ${list.count} restores, and at most ${MAX_LISTED} can be compared`);
    }
    const problems = notStored([...stored], list.restores.map((/** @type {Restore} */ { id }) => id));
    if (problems) throw new WalkError(problems);
  }

  /** @param {Verdict} verdict @param {{ timeoutMs?: number }} [options] */
  async waitForWalk(verdict, { timeoutMs = 10_000 } = {}) {
    checkVerdicts([verdict]);
    const end = performance.now() + timeoutMs;
    for (let left = timeoutMs; ; left = end - performance.now()) {
      const wait = Math.ceil(Math.min(Math.max(left, 0), MAX_WAIT_MS)) / 1000;
      /** @type {{ walks: Walk[] }} */
      const { walks } = await this.#request('GET', `/walks?until=${verdict}&wait=${wait}`);
      const walk = walks.findLast((each) => each.verdict === verdict);
      if (walk) return walk;
      if (left <= MAX_WAIT_MS) throw await this.#walkError(`expected walk verdict "${verdict}" within ${timeoutMs} ms`, walks);
    }
  }

  /** @param {number | string} restoreId @returns {Promise<Polls>} */
  pollsOf(restoreId) {
    return this.#request('GET', `/polls?restore=${encodeURIComponent(restoreId)}`);
  }

  /** @param {number | string} restoreId @param {{ minIntervalMs?: number, stopped?: boolean }} [expected] */
  async assertPolled(restoreId, { minIntervalMs, stopped = true } = {}) {
    const polls = await this.pollsOf(restoreId);
    const problems = [...tooOften(polls, minIntervalMs), ...(stopped ? notStopped(polls) : [])];
    if (!polls.responses) problems.push(`no response held restore ${restoreId}: it was never polled`);
    if (problems.length) throw new WalkError(`${problems.join('; ')}\n\n${requestsTable(await this.requests())}`);
    return polls;
  }

  /** @param {string} path */
  async saveScenario(path) {
    await this.#save(path, '/scenario', 'application/toml');
  }

  /** @param {string} path */
  async report(path) {
    await this.#save(path, '/report', 'text/html');
  }

  /** @returns {Promise<void>} */
  reset() {
    return this.#request('POST', '/reset');
  }

  /** @returns {Promise<void>} */
  delete() {
    return this.#request('DELETE', '');
  }

  async [Symbol.asyncDispose]() {
    await this.delete().catch((error) => {
      if (error.status !== 404) throw error; // the test may have deleted it
    });
  }

  /** @param {string} expected @param {readonly Verdict[]} verdicts @param {WalkFilter} filter */
  async #selectedWalks(expected, verdicts, { backup, token, verdict }) {
    checkVerdicts(verdict ? [...verdicts, verdict] : verdicts);
    /** @type {{ walks: Walk[], dropped: number }} */
    const { walks, dropped } = await this.#request('GET', '/walks');
    if (dropped) {
      const requests = counted(dropped, 'request');
      const hint = 'so the start of the walk is unknown: use larger pages or reset()';
      throw new WalkError(`expected ${expected}, but the journal dropped ${requests}, ${hint}`);
    }
    const tokenShown = token && (await fingerprint(token));
    return walks.filter(
      (walk) =>
        walk.backupId === (backup ?? walk.backupId) &&
        walk.token === (tokenShown ?? walk.token) &&
        walk.verdict === (verdict ?? walk.verdict),
    );
  }

  /** @param {string} expected @param {Walk[]} wrong @param {number} [count] how many walks there are */
  async #walkError(expected, wrong, count = wrong.length) {
    const livePage = `${this.baseUrl}/_mock/#/p/${this.projectId}`;
    return new WalkError(report(expected, wrong, await this.requests(), livePage, count ? undefined : this.restoresUrl));
  }

  /** @param {string} path @param {string} resource @param {string} type of the response */
  async #save(path, resource, type) {
    const text = await request(this.baseUrl, 'GET', `/projects/${this.projectId}${resource}`, undefined, type);
    const { writeFile } = await import('node:fs/promises');
    await writeFile(path, text);
  }

  /** @param {ClockSetting} setting @returns {Promise<string>} */
  async #setClock(setting) {
    return (await this.#request('PUT', '/clock', setting)).now;
  }

  /** @param {number | string} [id] */
  #restoresPath(id) {
    const list = `/addons/${this.addonId}/backups/${this.backupId}/restores`;
    return id === undefined ? list : `${list}/${encodeURIComponent(id)}`;
  }

  /** @param {string} method @param {string} path @param {object} [body] */
  #request(method, path, body) {
    return request(this.baseUrl, method, `/projects/${this.projectId}${path}`, body);
  }
}

export class WalkError extends Error {
  name = /** @type {const} */ ('WalkError');
}

export class MockError extends Error {
  name = /** @type {const} */ ('MockError');
  /** @type {number | undefined} */ status;
}

/** A readable slug of at most 100 characters that ends with a random part. @param {string} [scenario] */
function newProjectId(scenario = 'default') {
  const random = Array.from(crypto.getRandomValues(new Uint8Array(5)), (byte) => byte.toString(16).padStart(2, '0'));
  const readable = `${scenario}`.toLowerCase().slice(0, 89);
  return `${readable}-${random.join('')}`.replace(/[^a-z0-9]+/g, '-').replace(/^-/, '');
}

/**
 * @param {string} server @param {string} method @param {string} path @param {object} [body]
 * @param {string} [textType] of a response that is returned as it is @returns {Promise<any>}
 */
async function request(server, method, path, body, textType) {
  const url = `${server}/_mock${path}`;
  /** @param {string} problem @param {unknown} [cause] */
  const failure = (problem, cause) => new MockError(`${method} ${url}: ${problem}`, { cause });
  const response = await fetch(url, { method, body: body && JSON.stringify(body) }).catch((cause) => {
    throw failure('no server responds; start the emulator, or set NORTHFLANK_MOCK_URL to its URL', cause);
  });
  const text = await response.text();
  if (response.ok && textType && response.headers.get('content-type')?.startsWith(textType)) return text;
  let json;
  try {
    json = text ? JSON.parse(text) : undefined;
  } catch (cause) {
    throw failure(`not the emulator; it responded with status ${response.status}: ${text.slice(0, 80)}`, cause);
  }
  if (response.ok) return json;
  throw Object.assign(failure(`${response.status}, ${json?.error?.message ?? 'no message'}`), { status: response.status });
}

/** @param {readonly string[]} verdicts */
function checkVerdicts(verdicts) {
  const unknown = verdicts.find((verdict) => !VERDICTS.includes(verdict));
  if (unknown) throw new MockError(`unknown verdict "${unknown}": expected one of ${VERDICTS.join(', ')}`);
}

/** What the journal shows of a token. @param {string} token */
async function fingerprint(token) {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
  return Array.from(new Uint8Array(digest).slice(0, 6), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Whichever clock moved further counts: the client may wait by either. @param {Polls} polls @param {number} [least] */
function tooOften({ restore, shortestIntervalMs: real, shortestProjectIntervalMs: virtual }, least) {
  if (least === undefined || real === null || virtual === null) return [];
  if (Math.max(real, virtual) + TIMER_MS >= least) return [];
  const intervals = `every ${virtual} ms by the project's clock at the closest, and every ${real} ms by the machine's`;
  return [`polled restore ${restore} too often: ${intervals}, expected at least ${least} ms`];
}

/** @param {Polls} polls */
function notStopped({ restore, responses, statusesSeen, polledAfterEnd }) {
  const after = counted(polledAfterEnd, 'request');
  if (polledAfterEnd) {
    return [`polled on after the end: ${after} came after a response that showed restore ${restore} as ended`];
  }
  const last = statusesSeen.at(-1);
  if (!responses || ENDED.includes(`${last}`)) return [];
  return [`stopped too early: the last response showed restore ${restore} as "${last}"`];
}

/** @param {(number | string)[]} stored @param {(number | string)[]} listed */
function notStored(stored, listed) {
  const missing = listed.filter((id) => !stored.includes(id));
  const repeated = [...new Set(stored.filter((id, index) => stored.indexOf(id) < index))];
  const unknown = [...new Set(stored.filter((id) => !listed.includes(id)))];
  const problems = [];
  if (missing.length && missing[0] === listed.at(-missing.length)) {
    problems.push(`the last ${missing.length} of the list are missing, as if the last page was not stored`);
  } else if (missing.length) {
    const position = `which is number ${listed.indexOf(missing[0]) + 1} of the list`;
    problems.push(`${missing.length} are missing, the first of them ${missing[0]}, ${position}`);
  }
  if (repeated.length) problems.push(`${repeated.length} are stored more than once, the first of them ${repeated[0]}`);
  if (unknown.length) problems.push(`${unknown.length} are not in the list, the first of them ${unknown[0]}`);
  const expected = `expected ${counted(listed.length, 'restore')}, each once, got ${stored.length}`;
  return problems.length ? `${expected}: ${problems.join('; ')}` : '';
}

/**
 * @param {string} expected @param {Walk[]} walks @param {RequestRecord[]} requests
 * @param {string} livePage the URL of the project there @param {string} [unseenList]
 */
function report(expected, walks, requests, livePage, unseenList) {
  const explanations = walks.map((walk) => `"${walk.verdict}"COUNT: ${walk.explanation}`);
  const shown = walks.filter((_, index) => explanations.indexOf(explanations[index]) === index);
  const lines = [...new Set(explanations)].map((line) => {
    const count = explanations.filter((each) => each === line).length;
    return `${expected}, got ${line.replace('COUNT', count > 1 ? ` (${count} walks)` : '')}`;
  });
  if (unseenList) lines.push(`${expected}, got no walk: no page of ${unseenList} was returned`);
  const message = lines.join('\n') || expected;
  const numbers = shown.map((walk) => requests.find(({ number }) => number === walk.requests[0])?.walk);
  const links = numbers.filter(Boolean).map((number) => `live page: ${livePage}/walks/${number}`);
  if (requests.length) return [message, requestsTable(requests), ...links].join('\n\n');
  return `${message}, and the project received no request: check the client's host, token and ids`;
}

/** @param {RequestRecord[]} requests */
function requestsTable(requests) {
  const rows = requests.slice(-MAX_ROWS).map((record) => [
    `${record.walk ?? '-'}`,
    `${record.page ?? '-'}`,
    record.projectTime.slice(11, 23),
    record.operation === 'list-restores' ? shortQuery(record) : (record.operation ?? `${record.method} ${record.path}`),
    describeResponse(record),
    record.requestId,
  ]);
  const omitted = requests.length > rows.length ? `  after ${requests.length - rows.length} earlier requests:\n` : '';
  return `${omitted}${table([['walk', 'page', 'project time', 'requested with', 'response', 'request id'], ...rows])}`;
}

/** @param {RequestRecord} record */
function shortQuery({ query }) {
  return query.replace(/\bcursor=[^&]+/, 'cursor=...') || '-';
}

/** @param {RequestRecord} record */
function describeResponse({ status, restores, hasNextPage, faults, errorMessage, retryAfter, earlyMs }) {
  const parts = [`${status ?? 'no response'}`];
  if (restores !== undefined) parts.push(counted(restores, 'restore'), hasNextPage ? 'has a next page' : 'last page');
  parts.push(...faults.map(({ kind }) => `fault ${kind}`));
  if (errorMessage && !faults.length) parts.push(errorMessage);
  if (retryAfter) parts.push(`Retry-After: ${retryAfter}`);
  if (earlyMs) parts.push(`retried ${earlyMs / 1000} s too early`);
  return parts.join(', ');
}

/** @param {readonly string[]} verdicts */
function quoted(verdicts) {
  return verdicts.map((verdict) => `"${verdict}"`).join(', ') || 'none';
}

/** @param {number} number @param {string} noun */
function counted(number, noun) {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** @param {string[][]} rows */
function table(rows) {
  const clipped = rows.map((row) => row.map((cell) => (cell.length > MAX_WIDTH ? `${cell.slice(0, MAX_WIDTH)}…` : cell)));
  const widths = clipped[0].map((_, column) => Math.max(...clipped.map((row) => row[column].length)));
  const padded = clipped.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  '));
  return padded.map((row) => `  ${row}`.trimEnd()).join('\n');
}
