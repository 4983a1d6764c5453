// The types of northflank-mock.mjs. Copy this file too if you use TypeScript, or an editor that completes.

export type Status = 'scheduled' | 'in-progress' | 'completed' | 'aborting' | 'aborted' | 'failed' | 'not-supported';
export type Outcome = 'completed' | 'failed' | 'aborted' | 'not-supported';
export type Verdict = 'mixed' | 'looped' | 'overran' | 'poll' | 'abandoned' | 'skipped' | 'repeated' | 'complete';
export type Operation =
  | 'list-restores'
  | 'list-addon-restores'
  | 'list-projects'
  | 'list-addons'
  | 'list-backups'
  | 'get-backup'
  | 'restore-backup'
  | 'abort-restore'
  | 'login'
  | 'auth';
export type BrokenPaging =
  | 'repeat-cursor'
  | 'empty-page'
  | 'cursor-at-end'
  | 'no-cursor'
  | 'null-cursor'
  | 'empty-cursor'
  | 'ignore-cursor'
  | 'repeat-rows';
export type Permission =
  | 'Project > Projects > Manage > Read'
  | 'Project > Addons > General > Read'
  | 'Project > Addons > General > Update';

/** ISO 8601 such as 'PT5M', or seconds. */
export type Duration = string | number;
/** ISO 8601 such as '2024-07-01T12:00:00Z', or a Date. */
export type Instant = string | Date;

/** A restore, with the fields that the list of restores has. Its id is a number in the contract of 2024. */
export interface Restore {
  id: number | string;
  restoreTimestamp: string;
  status: Status;
  completedAt?: string;
}

/** What happens to a restore, counted from the project's current time. What is omitted never happens. */
export interface Plan {
  startsAfter?: Duration;
  endsAfter?: Duration;
  abortAfter?: Duration;
  /** By default 'completed'. */
  outcome?: Outcome;
}

/** A restore as of an instant, and its plan. An instant that is absent never comes. */
export interface PlannedRestore {
  /** A number in the contract of 2024. */
  id: number | string;
  /** Its id in the contract of 2026. */
  objectId: string;
  status: Status;
  restoreTimestamp: string;
  completedAt?: string;
  plan: { startsAt?: string; endsAt?: string; abortRequestedAt?: string; outcome?: Outcome };
  /** When its status changes next. */
  nextChangeAt?: string;
}

/** A restore that stays in its status. */
export interface RestoreRow {
  status: Status;
  /** In Unix milliseconds, or like objectId. */
  id?: number | string;
  /** The id under the contract of 2026: 24 hexadecimal digits. */
  objectId?: string;
  restoreTimestamp?: Instant;
  completedAt?: Instant;
}

/** A restore with a plan. */
export interface PlannedRow extends Plan {
  status?: never;
  /** In Unix milliseconds, or like objectId. */
  id?: number | string;
  /** The id under the contract of 2026: 24 hexadecimal digits. */
  objectId?: string;
  restoreTimestamp?: Instant;
}

export type ClockSetting =
  | { mode: 'real' | 'frozen'; now?: Instant }
  | { mode: 'stepping'; now?: Instant; step: Duration };

/** How many requests a token may send for a project. */
export interface RateLimit {
  /** Requests in one window, by default as the server is set. */
  limit?: number;
  /** By default 3,600. */
  windowSeconds?: number;
  /** Whether a request beyond the limit is a 429; by default it is. */
  enforced?: boolean;
}

export interface ProjectOptions {
  /** The initial data; `mockserver scenarios` lists them. */
  scenario?: string;
  /** Their number, or a list of them. */
  restores?: number | readonly (RestoreRow | PlannedRow)[];
  clock?: ClockSetting;
  /** Its own rate limit; by default the server's. */
  rateLimit?: RateLimit;
  /** Changes the generated restores. */
  seed?: number;
  contract?: '2024' | '2026';
  /** By default the scenario's name and a random part, unique across servers. */
  projectId?: string | undefined;
  addonId?: string;
  backupId?: string;
  /** The permissions of its token, by default all. */
  permissions?: readonly Permission[];
}

/** Which requests trigger a fault, by default every list of a backup's restores. */
export interface When {
  operation?: Operation;
  /** The page that matches, whether requested by number or by cursor. */
  page?: number;
  /** Only the nth matching request after the fault is added, from 1. */
  nth?: number;
  /** How often it triggers at most. */
  times?: number;
  /** The chance to trigger, from 0 to 1, drawn from the project's seed. */
  probability?: number;
  /** How long it holds once it has triggered, on the project's clock; by default only for that request. */
  for?: Duration;
}

/** The fields of each kind of fault; docs/control-plane.md describes them. */
export interface FaultFields {
  latency: { ms: number };
  malformed: Record<never, never>;
  mutate: { insert?: number; delete?: number; finish?: number };
  paging: { what: BrokenPaging };
  'rate-limit': { reset?: number };
  reset: Record<never, never>;
  slow: { bytesPerSecond: number };
  status: {
    status: number;
    /** The kind of error, such as 'nf-feature-disabled'; by default it follows from the status. */
    id?: string;
    details?: Record<string, unknown>;
    message?: string;
    /** Seconds, or an instant. */
    retryAfter?: number | Instant;
    headers?: Record<string, string>;
  };
  truncate: Record<never, never>;
}
export type FaultKind = keyof FaultFields;

/** A rule, its id, and how often it has triggered. */
export type Fault<Kind extends FaultKind = FaultKind> = When & {
  id: string;
  operation: Operation;
  triggered: number;
  /** Until when it holds, on the project's clock; absent if it does not. */
  holdsUntil?: string;
  fault: { [Each in Kind]: { kind: Each } & FaultFields[Each] }[Kind];
};

/** A fault that triggered on a request. */
export interface TriggeredFault {
  id: string;
  kind: FaultKind;
}

/** A request in the project's journal. A field is absent if there is nothing to say. */
export interface RequestRecord {
  number: number;
  /** The `x-request-id` of its response. */
  requestId: string;
  /** When it arrived, by the machine's clock. */
  at: string;
  /** When it arrived, by the project's clock. */
  projectTime: string;
  /** Absent if the request reached none: an unknown route, another method, a rejected token. */
  operation?: Operation;
  method: string;
  path: string;
  query: string;
  /** Present if path and query were too long to keep whole. */
  cut?: boolean;
  ignoredParameters: string[];
  /** A fingerprint. */
  token?: string;
  /** A header of the request, at most 256 characters of it; the next two as well. */
  accept?: string;
  userAgent?: string;
  traceparent?: string;
  /** Absent if no response was sent. */
  status?: number;
  durationMs: number;
  page?: number;
  /** How many restores the page had; absent if the response was no such page. */
  restores?: number;
  /** How many of them were in each status. */
  statuses?: Partial<Record<Status, number>>;
  hasNextPage?: boolean;
  /** The number of the walk that it belongs to, from 1. */
  walk?: number;
  /** For a retry before the time that the failed response had named: by how many milliseconds. */
  earlyMs?: number;
  /** The header of the response. */
  retryAfter?: string;
  /** The `id` in the body of an error: its kind, such as 'nf-not-found'. */
  errorId?: string;
  /** The `message` in the body of an error. */
  errorMessage?: string;
  faults: TriggeredFault[];
}

/** A client's walk through a list of restores, and the verdict on it. */
export interface Walk {
  addonId: string;
  backupId: string;
  /** The numbers of its requests, in the order of their responses. */
  requests: number[];
  /** A fingerprint. */
  token: string;
  verdict: Verdict;
  pages: number;
  restoresSeen: number;
  /** How many restores were sent, each as often as it was sent. */
  restoresSent: number;
  /** How many restores were sent more than once. */
  restoresRepeated: number;
  restoresTotal: number;
  retries: number;
  /** Retries before the time that the failed response had named. */
  retriesTooEarly: number;
  since: string;
  until: string;
  explanation: string;
  /** How often the first page was requested; only a poll has this field and those below. */
  polls?: number;
  /** By the machine's clock. */
  shortestIntervalMs?: number;
  /** By the project's clock. */
  shortestProjectIntervalMs?: number;
  statusesSeen?: Status[];
  /** Whether it continued after all restores had ended. */
  polledAfterEnd?: boolean;
}

/** How clients waited for a restore: the responses that held it. */
export interface Polls {
  restore: number | string;
  /** How many responses held it. */
  responses: number;
  /** Its statuses in them, in order; consecutive equal ones once. */
  statusesSeen: Status[];
  /** Between two requests with one token, by the machine's clock; null if there was only one. */
  shortestIntervalMs: number | null;
  /** The same by the project's clock. */
  shortestProjectIntervalMs: number | null;
  /** How many list requests came after a response that showed the restore as ended. */
  polledAfterEnd: number;
}

/** Which walks count: those over a backup's list, with a token, or with a verdict; by default all. */
export interface WalkFilter {
  backup?: string;
  token?: string;
  verdict?: Verdict;
}

export interface WalkOptions extends Omit<WalkFilter, 'verdict'> {
  /** Whether each retry must have waited as long as the failed response said, such as in Retry-After. */
  patient?: boolean;
}

export interface Clock {
  /** Stops the clock, at `now` or at its current time. */
  freeze(now?: Instant): Promise<string>;
  /** Stops the clock, and advances it by `by` after each successful request for a list of restores. */
  step(by: Duration, now?: Instant): Promise<string>;
  /** Runs the clock in real time, from `now` or from its current time. */
  real(now?: Instant): Promise<string>;
  /** Advances the clock and returns its new time. */
  advance(by: Duration): Promise<string>;
  now(): Promise<string>;
  /** To inject in place of setTimeout() from node:timers/promises: advances the clock instead of waiting. */
  sleep(ms: number): Promise<void>;
  /** To inject in place of performance.now(): how many milliseconds sleep() has advanced the clock so far. */
  monotonic(): number;
}

/** The conditions and fields of one kind of fault; optional if none is required. */
type FieldsOf<Kind extends FaultKind> = Record<never, never> extends FaultFields[Kind]
  ? [fields?: When & FaultFields[Kind]]
  : [fields: When & FaultFields[Kind]];

export interface Faults {
  /** Adds a fault, such as add('status', { status: 503, page: 3, times: 1 }). */
  add<Kind extends FaultKind>(kind: Kind, ...fields: FieldsOf<Kind>): Promise<Fault<Kind>>;
  list(): Promise<Fault[]>;
  delete(id: string): Promise<void>;
  /** Deletes all faults. */
  clear(): Promise<void>;
}

export interface Restores {
  /** Adds a restore. */
  add(row?: RestoreRow | PlannedRow): Promise<Restore>;
  /** Puts a restore in a status, in which it stays. */
  force(id: number | string, status: Status): Promise<Restore>;
  delete(id: number | string): Promise<void>;
  /**
   * Lists the restores with their plans, newest first: at most `limit` (by default 1,000), those nearest to `at`, an
   * instant of the project's clock (by default its present one). It is in no journal and no walk.
   */
  list(options?: { at?: Instant; limit?: number }): Promise<PlannedRestore[]>;
}

/** A project for one test. `await using mock = await createProject()` deletes it at the end of the block. */
export interface MockProject {
  /** The base URL for a client, in place of the vendor's. */
  readonly baseUrl: string;
  readonly token: string;
  readonly projectId: string;
  readonly addonId: string;
  readonly backupId: string;
  /** The three ids, as parameters of the vendor's client. */
  readonly parameters: { projectId: string; addonId: string; backupId: string };
  /** The full URL of the backup's list of restores. */
  readonly restoresUrl: string;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly restores: Restores;

  /** Plans the next restores that a client starts: all of them, or as many as `times`. */
  plan(plan: Plan & { times?: number }): Promise<void>;
  /** Goes back to what the settings of the server say. */
  clearPlan(): Promise<void>;
  /** The last 1,000 requests to the project, in the order of their responses. */
  requests(): Promise<RequestRecord[]>;
  /** The walks of its clients through lists of restores, with verdicts. */
  walks(): Promise<Walk[]>;
  /** Throws unless there is a walk and all walks have this verdict, by default 'complete'; returns the last. */
  assertWalk(verdict?: Verdict, options?: WalkOptions): Promise<Walk>;
  assertWalk(options: WalkOptions): Promise<Walk>;
  /** Throws unless the walks have these verdicts, in the order in which they began; returns them. */
  assertWalks(verdicts: readonly Verdict[], filter?: WalkFilter): Promise<Walk[]>;
  /**
   * Throws unless these are the ids of all restores of the backup that are listed now, each once, in any order: for what
   * a client stored. That it received every page does not show that it kept them. It compares at most 1,000 restores.
   */
  assertRestores(stored: Iterable<number | string>): Promise<void>;
  /** Waits until a walk has this verdict, and returns the newest one; throws after `timeoutMs`, by default 10,000. */
  waitForWalk(verdict: Verdict, options?: { timeoutMs?: number }): Promise<Walk>;
  /** How clients waited for a restore. */
  pollsOf(restoreId: number | string): Promise<Polls>;
  /**
   * Throws unless clients polled a restore until it had ended, and no longer (unless `stopped` is false), with at least
   * `minIntervalMs` between two polls, by whichever clock moved further: the project's or the machine's.
   */
  assertPolled(restoreId: number | string, expected?: { minIntervalMs?: number; stopped?: boolean }): Promise<Polls>;
  /** Writes the project to a scenario file, which gives the same restores when it is loaded. */
  saveScenario(path: string): Promise<void>;
  /** Writes a file of the live page for this project, which opens from disk: walks, journal, restores, faults. */
  report(path: string): Promise<void>;
  /** Restores the initial data and clock, and clears faults and journal. */
  reset(): Promise<void>;
  delete(): Promise<void>;
  /** Deletes it, unless it is deleted. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Creates a project on the server at `url`, by default NORTHFLANK_MOCK_URL. No other test uses it. */
export function createProject(options?: ProjectOptions, url?: string): Promise<MockProject>;

/** An assertion about the client failed. */
export class WalkError extends Error {
  name: 'WalkError';
}

/** The emulator cannot be reached, or responded with an error. */
export class MockError extends Error {
  name: 'MockError';
  /** The HTTP status of the error response; absent if there was none. */
  status?: number;
}
