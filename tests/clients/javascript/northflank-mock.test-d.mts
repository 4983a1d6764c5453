// Compiles only if the types of northflank-mock.mjs allow what is right and reject what is wrong.

import { createProject } from './northflank-mock.mjs';
import type { Fault, MockError, MockProject, RequestRecord, Restore, Verdict } from './northflank-mock.mjs';

export async function faults(mock: MockProject) {
  await mock.faults.add('malformed');
  await mock.faults.add('rate-limit', { page: 2, times: 1, reset: 30 });
  const added = await mock.faults.add('status', { status: 503, page: 3, times: 1, message: 'busy' });
  const sent: number = added.fault.status;
  // @ts-expect-error a misspelt condition
  await mock.faults.add('status', { status: 503, pge: 3 });
  // @ts-expect-error a misspelt condition of a fault without fields
  await mock.faults.add('malformed', { pge: 3 });
  // @ts-expect-error a field of another kind
  await mock.faults.add('status', { status: 503, ms: 20 });
  await mock.faults.add('status', { status: 429, for: 'PT30S', retryAfter: 30, headers: { Server: 'a-proxy' } });
  // @ts-expect-error the value of a header is a string
  await mock.faults.add('status', { status: 429, headers: { 'x-ratelimit-reset': 30 } });
  // @ts-expect-error a required field is missing
  await mock.faults.add('latency');
  // @ts-expect-error a required field is missing
  await mock.faults.add('slow', { page: 1 });
  // @ts-expect-error an unknown kind
  await mock.faults.add('timeout');
  // @ts-expect-error an unknown operation
  await mock.faults.add('reset', { operation: 'list-clusters' });
  // @ts-expect-error of the wrong type
  await mock.faults.add('reset', { page: '3' });
  return sent;
}

export async function listed(mock: MockProject) {
  for (const { fault, triggered } of await mock.faults.list()) {
    if (fault.kind === 'slow' && triggered) return fault.bytesPerSecond;
    // @ts-expect-error not a field of every kind
    if (fault.status) return 0;
  }
  return 0;
}

export async function projects(fault: Fault<'latency'>) {
  await using mock = await createProject({
    scenario: 'empty',
    contract: '2026',
    clock: { mode: 'stepping', step: 'PT1M', now: new Date(0) },
    restores: [{ status: 'in-progress' }, { status: 'completed', completedAt: '2024-07-01T12:00:00Z' }],
    permissions: ['Project > Addons > General > Read'],
  });
  // @ts-expect-error an unknown contract
  await createProject({ contract: '2025' });
  // @ts-expect-error a misspelt option
  await createProject({ scenaro: 'many' });
  // @ts-expect-error a stepping clock needs a step
  await createProject({ clock: { mode: 'stepping' } });
  // @ts-expect-error a frozen clock has no step
  await createProject({ clock: { mode: 'frozen', step: 10 } });
  await createProject({ restores: [{ id: 1, endsAfter: 'PT1M' }, {}] });
  // @ts-expect-error a status or a plan, not both
  await createProject({ restores: [{ status: 'failed', endsAfter: 'PT1M' }] });
  await mock.plan({ endsAfter: 60, outcome: 'failed', times: 1 });
  // @ts-expect-error not of a plan
  await mock.plan({ status: 'failed' });
  // @ts-expect-error projects are read-only
  mock.token = 'another';
  return fault.fault.ms;
}

export async function restores(mock: MockProject): Promise<Restore> {
  const { id } = await mock.restores.add({ startsAfter: 'PT10S', endsAfter: 60, outcome: 'failed' });
  // @ts-expect-error a misspelt field
  await mock.restores.add({ startAfter: 10 });
  // @ts-expect-error a status, not an outcome
  await mock.restores.add({ outcome: 'aborting' });
  // @ts-expect-error an unknown status
  await mock.restores.force(id, 'done');
  const [planned] = await mock.restores.list({ at: new Date(0), limit: 10 });
  // @ts-expect-error it may never end
  const end: string = planned?.plan.endsAt;
  return mock.restores.force(planned?.id ?? id, end ? 'aborting' : 'failed');
}

export async function verdicts(mock: MockProject): Promise<Verdict> {
  // @ts-expect-error an unknown verdict
  await mock.assertWalk('done');
  await mock.assertWalk({ patient: true });
  await mock.report('reports/walk.html');
  // @ts-expect-error a path is required
  await mock.report();
  await mock.assertRestores(new Set(['668596c647fed81696a8a82c']));
  // @ts-expect-error ids, not restores
  await mock.assertRestores(await mock.restores.list());
  await mock.assertWalks(['poll', 'complete'], { token: 'one' });
  await mock.assertPolled(1, { minIntervalMs: 5000, stopped: true });
  // @ts-expect-error milliseconds, not a duration
  await mock.assertPolled(1, { minIntervalMs: 'PT5S' });
  // @ts-expect-error null if there was only one
  const interval: number = (await mock.pollsOf(1)).shortestIntervalMs;
  const walk = await mock.assertWalk('poll', { backup: `${interval}` });
  // @ts-expect-error only a poll has it
  const polls: number = walk.polls;
  return polls ? walk.verdict : 'complete';
}

export function described(record: RequestRecord, error: MockError): string {
  // @ts-expect-error absent if the request reached none
  const operation: string = record.operation;
  return `${record.number} ${record.at} ${operation} ${record.faults[0]?.kind} ${error.status?.toFixed()}`;
}
