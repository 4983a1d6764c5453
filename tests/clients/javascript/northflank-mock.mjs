// The emulator in your tests: a project for each, with data, clock, faults and verdicts of its own. Copy this file; it
// needs fetch alone.

/** @typedef {'scheduled' | 'in-progress' | 'completed' | 'aborting' | 'aborted' | 'failed' | 'not-supported'} Status */
/** @typedef {'complete' | 'abandoned' | 'skipped' | 'looped' | 'overran' | 'mixed' | 'poll'} Verdict */
/** @typedef {string | number} Duration ISO 8601, as 'PT5M', or seconds */
/** @typedef {{ mode: 'real' | 'frozen' | 'stepping', now?: string, step?: Duration }} ClockSetting */
/** @typedef {{ id: number | string, restoreTimestamp: string, status: Status, completedAt?: string }} Restore */
/** @typedef {'completed' | 'failed' | 'aborted' | 'not-supported'} Outcome */
/** @typedef {{ startsAfter?: Duration, endsAfter?: Duration, abortAfter?: Duration, outcome?: Outcome }} Plan */
/** @typedef {'latency' | 'malformed' | 'mutate' | 'rate-limit' | 'reset' | 'slow' | 'status' | 'truncate'} FaultKind */
/** @typedef {{ operation?: string, page?: number, nth?: number, times?: number, probability?: number }} When */
/** @typedef {When & { id: string, triggered: number, fault: { kind: FaultKind } & Record<string, unknown> }} Fault */

/**
 * @typedef {object} ProjectOptions
 * @property {string} [scenario] what to fill it with: see `mockserver scenarios`
 * @property {number | (Partial<Restore> & { status: Status })[]} [restores] how many there are, or which
 * @property {ClockSetting} [clock]
 * @property {number} [seed] another one gives other restores
 * @property {'2024' | '2026'} [contract]
 * @property {string} [projectId] if not given, one that begins with the scenario's name and is unique on every server
 * @property {string} [addonId]
 * @property {string} [backupId]
 * @property {string[]} [permissions] what its token may do
 */

/**
 * @typedef {object} Call
 * @property {number} number
 * @property {string} operation
 * @property {string} method
 * @property {string} path
 * @property {string} query
 * @property {number} [status]
 * @property {number} [page]
 * @property {number} [walk] which walk it is part of, counted from 1
 * @property {number} [restores] how many it was sent
 * @property {boolean} [hasNextPage]
 * @property {{ kind: FaultKind }[]} faults those that struck it
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
const SHOWN_CALLS = 40;

/**
 * Makes a project, which no other test can meet, on the server at NORTHFLANK_MOCK_URL, or the one named here.
 * @param {ProjectOptions} [options] @param {string} [url]
 */
export async function createProject(options = {}, url = process.env.NORTHFLANK_MOCK_URL || 'http://127.0.0.1:8080') {
  const server = url.replace(/\/+$/, '');
  // the project id comes first: a balancer in front of several servers looks for it near the start of the body
  const { projectId = newProjectId(options.scenario), ...others } = options;
  return new MockProject(server, await ask(server, 'POST', '/projects', { projectId, ...others }));
}

export class MockProject {
  /** @param {string} server @param {Record<string, string>} made */
  constructor(server, made) {
    /** What to give a client in place of the vendor's host */
    this.baseUrl = server;
    this.token = made.token;
    this.restoresUrl = made.restoresUrl;
    this.projectId = made.projectId;
    this.addonId = made.addonId;
    this.backupId = made.backupId;
    /** The ids, as the vendor's client takes them */
    this.parameters = { projectId: made.projectId, addonId: made.addonId, backupId: made.backupId };
  }

  clock = {
    /** Has it stand still, at this instant or where it is. @param {string} [now] */
    freeze: (now) => this.#setClock({ mode: 'frozen', now }),
    /**
     * Has it move by so much after each call that lists restores, and stand still between.
     * @param {Duration} by @param {string} [now]
     */
    step: (by, now) => this.#setClock({ mode: 'stepping', step: by, now }),
    /** Has it go as time goes by. @param {string} [now] */
    real: (now) => this.#setClock({ mode: 'real', now }),
    /** Moves it ahead. @param {Duration} by @returns {Promise<string>} */
    advance: async (by) => (await this.#ask('POST', '/clock/advance', { by })).now,
    /** @returns {Promise<string>} */
    now: async () => (await this.#ask('GET', '/clock')).now,
  };

  faults = {
    /**
     * Adds one, as add('status', { status: 503, page: 3, times: 1 }): when it strikes, and what its kind wants to know.
     * @param {FaultKind} kind @param {When & Record<string, unknown>} [fields] @returns {Promise<Fault>}
     */
    add: (kind, fields = {}) => {
      const [when, fault] = [true, false].map((is) =>
        Object.fromEntries(Object.entries(fields).filter(([name]) => WHEN.includes(name) === is)),
      );
      return this.#ask('POST', '/faults', { ...when, fault: { kind, ...fault } });
    },
    /** @returns {Promise<Fault[]>} */
    list: async () => (await this.#ask('GET', '/faults')).faults,
    /** @param {string} id @returns {Promise<void>} */
    delete: (id) => this.#ask('DELETE', `/faults/${encodeURIComponent(id)}`),
    /** @returns {Promise<void>} */
    clear: () => this.#ask('DELETE', '/faults'),
  };

  restores = {
    /** Adds one; what is left out of the plan stays open. @param {Plan} [plan] @returns {Promise<Restore>} */
    add: (plan = {}) => this.#ask('POST', this.#restoresPath(), plan),
    /**
     * Has one be in a status, for ever.
     * @param {number | string} id @param {Status} status @returns {Promise<Restore>}
     */
    force: (id, status) => this.#ask('PATCH', this.#restoresPath(id), { status }),
    /** @param {number | string} id @returns {Promise<void>} */
    delete: (id) => this.#ask('DELETE', this.#restoresPath(id)),
  };

  /** The last 1,000 calls of the project. @returns {Promise<Call[]>} */
  async requests() {
    return (await this.#ask('GET', '/requests')).requests;
  }

  /** How its clients walked the list. @returns {Promise<Walk[]>} */
  async walks() {
    return (await this.#ask('GET', '/walks')).walks;
  }

  /** Throws unless there was a walk, and every one was so; the last one. @param {Verdict} [verdict] */
  async assertWalk(verdict = 'complete') {
    if (!VERDICTS.includes(verdict)) throw new MockError(`no verdict "${verdict}": they are ${VERDICTS.join(', ')}`);
    /** @type {{ walks: Walk[], dropped: number }} */
    const { walks, dropped } = await this.#ask('GET', '/walks');
    if (dropped) {
      const calls = counted(dropped, 'call');
      const told = `the journal dropped ${calls}, so the walk's beginning is unknown: use larger pages or reset()`;
      throw new WalkError(`expected a walk that is "${verdict}", and ${told}`);
    }
    const last = walks.at(-1);
    if (last && walks.every((walk) => walk.verdict === verdict)) return last;
    throw new WalkError(report(verdict, walks, await this.requests(), this.restoresUrl));
  }

  /** Takes it back to how it was made. @returns {Promise<void>} */
  reset() {
    return this.#ask('POST', '/reset');
  }

  /** @returns {Promise<void>} */
  delete() {
    return this.#ask('DELETE', '');
  }

  /** @param {ClockSetting} setting @returns {Promise<string>} */
  async #setClock(setting) {
    return (await this.#ask('PUT', '/clock', setting)).now;
  }

  /** @param {number | string} [id] */
  #restoresPath(id) {
    const list = `/addons/${this.addonId}/backups/${this.backupId}/restores`;
    return id === undefined ? list : `${list}/${encodeURIComponent(id)}`;
  }

  /** @param {string} method @param {string} path @param {object} [body] */
  #ask(method, path, body) {
    return ask(this.baseUrl, method, `/projects/${this.projectId}${path}`, body);
  }
}

/** A client did not walk the list as it should. */
export class WalkError extends Error {
  name = 'WalkError';
}

/** The emulator cannot be asked, or refuses what it was asked. */
export class MockError extends Error {
  name = 'MockError';
}

/** A readable slug of at most 100 characters with a random end. @param {string} [scenario] */
function newProjectId(scenario = 'default') {
  const random = Array.from(crypto.getRandomValues(new Uint8Array(5)), (byte) => byte.toString(16).padStart(2, '0'));
  const readable = `${scenario}`.toLowerCase().slice(0, 89);
  return `${readable}-${random.join('')}`.replace(/[^a-z0-9]+/g, '-').replace(/^-/, '');
}

/** @param {string} server @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
async function ask(server, method, path, body) {
  const target = `${server}/_mock${path}`;
  const asked = `${method} ${target}`;
  const response = await fetch(target, { method, body: body && JSON.stringify(body) }).catch((cause) => {
    const told = 'nothing answers; start the emulator, or say where it is in NORTHFLANK_MOCK_URL';
    throw new MockError(`${asked}: ${told}`, { cause });
  });
  const text = await response.text();
  let answer;
  try {
    answer = text ? JSON.parse(text) : undefined;
  } catch (cause) {
    const told = `what answers (${response.status}) is not the emulator: ${text.slice(0, 80)}`;
    throw new MockError(`${asked}: ${told}`, { cause });
  }
  if (!response.ok) throw new MockError(`${asked}: ${response.status}, ${answer?.error?.message ?? 'without a reason'}`);
  return answer;
}

/** @param {Verdict} verdict @param {Walk[]} walks @param {Call[]} calls @param {string} list */
function report(verdict, walks, calls, list) {
  const why = walks
    .filter((walk) => walk.verdict !== verdict)
    .map((walk) => `expected a walk that is "${verdict}", and it is "${walk.verdict}": ${walk.explanation}`);
  if (!walks.length) {
    why.push(`expected a walk that is "${verdict}", and there was none: no page of ${list} was answered`);
  }
  if (!calls.length) return `${why.join('\n')}; no call came: has the client its host, token and ids?`;
  const rows = calls.slice(-SHOWN_CALLS).map((call) => [
    `${call.walk ?? '-'}`,
    `${call.page ?? '-'}`,
    call.operation === 'list-restores' ? call.query.replace(/\bcursor=[^&]+/, 'cursor=...') || '-' : call.operation,
    cameBack(call),
  ]);
  const cut = calls.length > rows.length ? `  after ${calls.length - rows.length} other calls:\n` : '';
  return `${why.join('\n')}\n\n${cut}${table([['walk', 'page', 'asked with', 'came back'], ...rows])}`;
}

/** @param {Call} call */
function cameBack({ status, restores, hasNextPage, faults }) {
  const page = restores === undefined ? [] : [counted(restores, 'restore'), hasNextPage ? 'a next page' : 'the last page'];
  return [status ?? 'no answer', ...page, ...faults.map(({ kind }) => `fault ${kind}`)].join(', ');
}

/** @param {number} number @param {string} what */
function counted(number, what) {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** @param {string[][]} rows */
function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const padded = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  '));
  return padded.map((row) => `  ${row}`.trimEnd()).join('\n');
}
