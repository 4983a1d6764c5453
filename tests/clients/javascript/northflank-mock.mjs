// Helpers to test a client against the emulator: each test creates its own project, with data, clock, faults and
// verdicts. Copy this file; it has no dependencies.

/** @typedef {'scheduled' | 'in-progress' | 'completed' | 'aborting' | 'aborted' | 'failed' | 'not-supported'} Status */
/** @typedef {'complete' | 'abandoned' | 'skipped' | 'looped' | 'overran' | 'mixed' | 'poll'} Verdict */
/** @typedef {string | number} Duration ISO 8601 such as 'PT5M', or seconds */
/** @typedef {{ mode: 'real' | 'frozen' | 'stepping', now?: string, step?: Duration }} ClockSetting */
/** @typedef {{ id: number | string, restoreTimestamp: string, status: Status, completedAt?: string }} Restore */
/** @typedef {'completed' | 'failed' | 'aborted' | 'not-supported'} Outcome */
/** @typedef {{ startsAfter?: Duration, endsAfter?: Duration, abortAfter?: Duration, outcome?: Outcome }} Plan */
/** @typedef {'latency' | 'malformed' | 'mutate' | 'rate-limit' | 'reset' | 'slow' | 'status' | 'truncate'} FaultKind */
/** @typedef {{ operation?: string, page?: number, nth?: number, times?: number, probability?: number }} When */
/** @typedef {When & { id: string, triggered: number, fault: { kind: FaultKind } & Record<string, unknown> }} Fault */

/**
 * @typedef {object} ProjectOptions
 * @property {string} [scenario] the initial data; `mockserver scenarios` lists them
 * @property {number | (Partial<Restore> & { status: Status })[]} [restores] their number, or a list of them
 * @property {ClockSetting} [clock]
 * @property {number} [seed] changes the generated restores
 * @property {'2024' | '2026'} [contract]
 * @property {string} [projectId] by default the scenario's name and a random part, unique across servers
 * @property {string} [addonId]
 * @property {string} [backupId]
 * @property {string[]} [permissions] the permissions of its token
 */

/**
 * @typedef {object} RequestRecord
 * @property {number} number
 * @property {string} operation
 * @property {string} method
 * @property {string} path
 * @property {string} query
 * @property {number} [status]
 * @property {number} [page]
 * @property {number} [walk] the number of the walk that it belongs to, from 1
 * @property {number} [restores] how many the response contained
 * @property {boolean} [hasNextPage]
 * @property {{ kind: FaultKind }[]} faults the faults that triggered on it
 */

/**
 * @typedef {object} Walk
 * @property {Verdict} verdict
 * @property {string} explanation
 * @property {number} pages
 * @property {number} restoresSeen
 * @property {number} restoresTotal
 * @property {number} retries
 * @property {number} [polls]
 * @property {number} [shortestIntervalMs]
 * @property {Status[]} [statusesSeen]
 * @property {boolean} [polledAfterEnd]
 */

const WHEN = ['operation', 'page', 'nth', 'times', 'probability'];
const VERDICTS = ['complete', 'abandoned', 'skipped', 'looped', 'overran', 'mixed', 'poll'];
const MAX_ROWS = 40;

/**
 * Creates a project on the server at `url`; by default at NORTHFLANK_MOCK_URL. No other test uses it.
 * @param {ProjectOptions} [options] @param {string} [url]
 */
export async function createProject(options = {}, url = process.env.NORTHFLANK_MOCK_URL || 'http://127.0.0.1:8080') {
  const server = url.replace(/\/+$/, '');
  // the project id comes first, because a load balancer looks for it near the start of the body
  const { projectId = newProjectId(options.scenario), ...others } = options;
  return new MockProject(server, await request(server, 'POST', '/projects', { projectId, ...others }));
}

export class MockProject {
  /** @param {string} server @param {Record<string, string>} created */
  constructor(server, created) {
    /** The base URL for a client, in place of the vendor's */
    this.baseUrl = server;
    this.token = created.token;
    this.restoresUrl = created.restoresUrl;
    this.projectId = created.projectId;
    this.addonId = created.addonId;
    this.backupId = created.backupId;
    /** The ids, as parameters of the vendor's client */
    this.parameters = { projectId: created.projectId, addonId: created.addonId, backupId: created.backupId };
  }

  clock = {
    /** Stops the clock, at `now` or at its current time. @param {string} [now] */
    freeze: (now) => this.#setClock({ mode: 'frozen', now }),
    /**
     * Stops the clock, and advances it by `by` after each successful request for a list of restores.
     * @param {Duration} by @param {string} [now]
     */
    step: (by, now) => this.#setClock({ mode: 'stepping', step: by, now }),
    /** Runs the clock in real time, from `now` or from its current time. @param {string} [now] */
    real: (now) => this.#setClock({ mode: 'real', now }),
    /** Advances the clock. @param {Duration} by @returns {Promise<string>} */
    advance: async (by) => (await this.#request('POST', '/clock/advance', { by })).now,
    /** @returns {Promise<string>} */
    now: async () => (await this.#request('GET', '/clock')).now,
  };

  faults = {
    /**
     * Adds a fault, such as add('status', { status: 503, page: 3, times: 1 }).
     * @param {FaultKind} kind @param {When & Record<string, unknown>} [fields] @returns {Promise<Fault>}
     */
    add: (kind, fields = {}) => {
      const [when, fault] = [true, false].map((isCondition) =>
        Object.fromEntries(Object.entries(fields).filter(([name]) => WHEN.includes(name) === isCondition)),
      );
      return this.#request('POST', '/faults', { ...when, fault: { kind, ...fault } });
    },
    /** @returns {Promise<Fault[]>} */
    list: async () => (await this.#request('GET', '/faults')).faults,
    /** @param {string} id @returns {Promise<void>} */
    delete: (id) => this.#request('DELETE', `/faults/${encodeURIComponent(id)}`),
    /** @returns {Promise<void>} */
    clear: () => this.#request('DELETE', '/faults'),
  };

  restores = {
    /** Adds a restore; what the plan omits never happens. @param {Plan} [plan] @returns {Promise<Restore>} */
    add: (plan = {}) => this.#request('POST', this.#restoresPath(), plan),
    /**
     * Puts a restore in a status, in which it stays.
     * @param {number | string} id @param {Status} status @returns {Promise<Restore>}
     */
    force: (id, status) => this.#request('PATCH', this.#restoresPath(id), { status }),
    /** @param {number | string} id @returns {Promise<void>} */
    delete: (id) => this.#request('DELETE', this.#restoresPath(id)),
  };

  /** The last 1,000 requests to the project. @returns {Promise<RequestRecord[]>} */
  async requests() {
    return (await this.#request('GET', '/requests')).requests;
  }

  /** The walks of its clients through lists of restores, with verdicts. @returns {Promise<Walk[]>} */
  async walks() {
    return (await this.#request('GET', '/walks')).walks;
  }

  /** Throws unless there is a walk and all walks have this verdict; returns the last. @param {Verdict} [verdict] */
  async assertWalk(verdict = 'complete') {
    if (!VERDICTS.includes(verdict)) {
      throw new MockError(`unknown verdict "${verdict}": expected one of ${VERDICTS.join(', ')}`);
    }
    /** @type {{ walks: Walk[], dropped: number }} */
    const { walks, dropped } = await this.#request('GET', '/walks');
    if (dropped) {
      const requests = counted(dropped, 'request');
      const hint = 'so the start of the walk is unknown: use larger pages or reset()';
      throw new WalkError(`expected walk verdict "${verdict}", but the journal dropped ${requests}, ${hint}`);
    }
    const last = walks.at(-1);
    if (last && walks.every((walk) => walk.verdict === verdict)) return last;
    throw new WalkError(report(verdict, walks, await this.requests(), this.restoresUrl));
  }

  /** Restores the initial data and clock, and clears faults and journal. @returns {Promise<void>} */
  reset() {
    return this.#request('POST', '/reset');
  }

  /** @returns {Promise<void>} */
  delete() {
    return this.#request('DELETE', '');
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

/** A walk does not have the expected verdict. */
export class WalkError extends Error {
  name = 'WalkError';
}

/** The emulator cannot be reached, or responded with an error. */
export class MockError extends Error {
  name = 'MockError';
}

/** A readable slug of at most 100 characters that ends with a random part. @param {string} [scenario] */
function newProjectId(scenario = 'default') {
  const random = Array.from(crypto.getRandomValues(new Uint8Array(5)), (byte) => byte.toString(16).padStart(2, '0'));
  const readable = `${scenario}`.toLowerCase().slice(0, 89);
  return `${readable}-${random.join('')}`.replace(/[^a-z0-9]+/g, '-').replace(/^-/, '');
}

/** @param {string} server @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
async function request(server, method, path, body) {
  const url = `${server}/_mock${path}`;
  /** @param {string} problem @param {unknown} [cause] */
  const failure = (problem, cause) => new MockError(`${method} ${url}: ${problem}`, { cause });
  const response = await fetch(url, { method, body: body && JSON.stringify(body) }).catch((cause) => {
    throw failure('no server responds; start the emulator, or set NORTHFLANK_MOCK_URL to its URL', cause);
  });
  const text = await response.text();
  let json;
  try {
    json = text ? JSON.parse(text) : undefined;
  } catch (cause) {
    throw failure(`not the emulator; it responded with status ${response.status}: ${text.slice(0, 80)}`, cause);
  }
  if (!response.ok) throw failure(`${response.status}, ${json?.error?.message ?? 'no message'}`);
  return json;
}

/** @param {Verdict} verdict @param {Walk[]} walks @param {RequestRecord[]} requests @param {string} list */
function report(verdict, walks, requests, list) {
  const expected = `expected walk verdict "${verdict}"`;
  const lines = walks
    .filter((walk) => walk.verdict !== verdict)
    .map((walk) => `${expected}, got "${walk.verdict}": ${walk.explanation}`);
  if (!walks.length) lines.push(`${expected}, got no walk: no page of ${list} was returned`);
  const message = lines.join('\n');
  if (!requests.length) {
    return `${message}, and the project received no request: check the client's host, token and ids`;
  }
  const rows = requests.slice(-MAX_ROWS).map((record) => [
    `${record.walk ?? '-'}`,
    `${record.page ?? '-'}`,
    record.operation === 'list-restores' ? shortQuery(record) : record.operation,
    describeResponse(record),
  ]);
  const omitted = requests.length > rows.length ? `  after ${requests.length - rows.length} earlier requests:\n` : '';
  return `${message}\n\n${omitted}${table([['walk', 'page', 'requested with', 'response'], ...rows])}`;
}

/** @param {RequestRecord} record */
function shortQuery({ query }) {
  return query.replace(/\bcursor=[^&]+/, 'cursor=...') || '-';
}

/** @param {RequestRecord} record */
function describeResponse({ status, restores, hasNextPage, faults }) {
  const next = hasNextPage ? 'has a next page' : 'last page';
  const page = restores === undefined ? [] : [counted(restores, 'restore'), next];
  return [status ?? 'no response', ...page, ...faults.map(({ kind }) => `fault ${kind}`)].join(', ');
}

/** @param {number} number @param {string} noun */
function counted(number, noun) {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** @param {string[][]} rows */
function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const padded = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  '));
  return padded.map((row) => `  ${row}`.trimEnd()).join('\n');
}
