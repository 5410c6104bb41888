import { describe, expect, it } from 'vitest';
import { infraFile } from './bicep/syntax.ts';
import { runQuery } from './drills/run-query.ts';
import type { Row } from './drills/values.ts';
import { comparedWith } from './kusto.ts';
import { withLaterSequences } from './logged.ts';

const NOW = Date.parse('2030-01-01T12:00:00Z');
const MINUTE_MS = 60_000;

interface Where {
  readonly minutesAgo?: number;
  readonly operation?: string;
  readonly invocation?: string;
}

function trace(record: object, { minutesAgo = 1, operation = 'vendKey', invocation = 'i' }: Where = {}): Row {
  const at = NOW - minutesAgo * MINUTE_MS;
  return { TimeGenerated: at, Message: JSON.stringify(record), OperationName: operation, OperationId: invocation };
}

const times = <T>(count: number, each: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => each(at));
const event = (name: string, record: object = {}, where: Where = {}): Row => trace({ event: name, ...record }, where);
const failures = (count: number, problem = 'vault-unavailable', where: Where = {}): Row[] =>
  times(count, (at) => event('request-failed', { problem, credentialId: `failed-${at}` }, where));
const vended = (count: number, change = 'recordVended'): Row[] =>
  times(count, (at) => trace({ audit: { change, credentialId: `vended-${at}` } }));
const audit = (sequence: number, state: string, credentialId = 'c', where: Where = {}): Row =>
  trace({ audit: { credentialId, sequence, state, change: 'recordUnknown', target: {} } }, where);
const refused = (id: string, problem = 'quota-exhausted', change = 'recordNotMinted'): Row =>
  trace({ audit: { id, credentialId: 'c', change, problem, target: {} } });
const open = (minutesAgo: number, counts: object): Row => event('open-credentials', { counts }, { minutesAgo });
const late = (count: number): Row[] => times(count, () => event('reviews-late', { counts: { seconds: 600 } }));
const undecided = (count: number): Row[] => times(count, () => event('review-undecided', { credentialId: 'c' }));
const namedBy = (alert: string): string[] => comparedWith(infraFile(`alerts/${alert}.kql`), 'event');

/** Functions that serve callers, beside `vendKey`. */
const OTHERS = ['rotateKey', 'retries', 'events', 'requestsVendRequests'];

type Case = readonly [what: string, traces: readonly Row[], rows: number];

const CASES: Readonly<Record<string, readonly Case[]>> = {
  defect: [
    ['a defect', [event('defect')], 1],
    ['an abandoned message', [event('message-abandoned')], 1],
    ['a queue function that somebody calls', [event('request-denied', { state: 'not-from-service-bus' })], 1],
    ['a caller who was denied, and a request that failed', [event('request-denied'), event('request-failed')], 0],
  ],
  'dependency-failing': [
    ...namedBy('dependency-failing').flatMap((name): Case[] => [
      [`five of ${name}`, times(5, () => event(name)), 1],
      [`four of ${name}`, times(4, () => event(name)), 0],
    ]),
    ['five of another event', times(5, () => event('request-failed')), 0],
    ['five of two codes', times(5, (at) => event('commit-failed', { upstream: { code: `c${at % 2}` } })), 0],
  ],
  'failure-ratio': [
    ['two failures of nine', [...failures(2), ...vended(7)], 1],
    ['two failures of ten', [...failures(2), ...vended(8)], 0],
    ['five failures alone', failures(5), 1],
    ['four failures alone', failures(4), 0],
    ['failures that are the fault of callers', failures(5, 'invalid-request'), 0],
    [
      'other events of five requests',
      times(5, (at) => event('unasked-change-failed', { problem: 'paused' }, { invocation: `i${at}` })),
      0,
    ],
    [
      'five requests without a credential',
      times(5, (at) => event('request-failed', { problem: 'paused' }, { invocation: `i${at}` })),
      1,
    ],
    ['one request that is repeated five times', times(5, () => failures(1)).flat(), 0],
    ['failures of the reconciler', failures(5, 'vault-unavailable', { operation: 'reconcile' }), 0],
    ...OTHERS.map(
      (operation): Case => [`failures of ${operation}`, failures(5, 'vault-unavailable', { operation }), 1],
    ),
    ...['recordVended', 'recoverVended', 'resolveAsVended'].map(
      (change): Case => [`two failures among keys by ${change}`, [...failures(2), ...vended(4, change)], 1],
    ),
    ['two failures among changes that vend nothing', [...failures(2), ...vended(4, 'recordMinted')], 0],
  ],
  'no-successful-vend': [
    ['three failures', failures(3), 1],
    ['two failures', failures(2), 0],
    ['one request that is repeated three times', times(3, () => failures(1)).flat(), 0],
    ['failures that are the fault of callers', failures(3, 'invalid-request'), 0],
    [
      'other events',
      times(3, (at) => event('unasked-change-failed', { problem: 'paused' }, { invocation: `i${at}` })),
      0,
    ],
    ['failures of the reconciler', failures(3, 'vault-unavailable', { operation: 'reconcile' }), 0],
    ...OTHERS.map(
      (operation): Case => [`failures of ${operation}`, failures(3, 'vault-unavailable', { operation }), 1],
    ),
    ...['recordVended', 'recoverVended', 'resolveAsVended'].map(
      (change): Case => [`a success by ${change}`, [...failures(3), ...vended(1, change)], 0],
    ),
    ['a change that vends nothing', [...failures(3), ...vended(1, 'recordMinted')], 1],
  ],
  'open-credentials': [
    [
      'two counts above zero an hour apart, of two reasons',
      [open(61, { unknown: 1, undecided: 2 }), open(1, { unknown: 1, undecided: 1 })],
      2,
    ],
    ['one count', [open(1, { unknown: 1 })], 0],
    ['the counts of a function that starts again and again', [41, 21, 1].map((ago) => open(ago, { unknown: 1 })), 0],
    ['the same for an hour', [61, 41, 21, 1].map((ago) => open(ago, { unknown: 1 })), 1],
    ['a count of zero among them', [open(121, { unknown: 1 }), open(61, { unknown: 0 }), open(1, { unknown: 2 })], 0],
    [
      'counts of something else',
      [61, 1].map((minutesAgo) => event('reviews-late', { counts: { seconds: 9 } }, { minutesAgo })),
      0,
    ],
  ],
  'outcome-unknown': [
    ['two credentials that are unknown', [audit(1, 'unknown'), audit(1, 'unknown', 'd')], 2],
    [
      'one that was decided, whose records come in another order',
      [audit(2, 'vended', 'c', { minutesAgo: 5 }), audit(1, 'unknown')],
      0,
    ],
    ['one that became unknown', [audit(2, 'unknown', 'c', { minutesAgo: 5 }), audit(1, 'minting')], 1],
    ['a record without a credential', [trace({ audit: { sequence: 1, state: 'unknown' } })], 0],
  ],
  'quota-exhausted': [
    ['two refusals, one logged twice', [refused('a'), refused('b'), refused('b')], 2],
    ['a refusal for another reason', [refused('a', 'upstream-forbidden')], 0],
    ['another change', [refused('a', 'quota-exhausted', 'recordUnknown')], 0],
  ],
  'reviews-late': [
    ['three runs', late(3), 1],
    ['two runs', late(2), 0],
    ['five other events', times(5, () => event('defect')), 0],
  ],
  'rotation-failed': [
    ...namedBy('rotation-failed').map((name): Case => [name, [event(name, { problem: 'forbidden' })], 1]),
    ['a secret that would expire too late', [event('unasked-change-failed', { problem: 'not-rotatable' })], 1],
    ...['already-rotated', 'rotation-too-soon', 'not-found', 'revoked'].map(
      (problem): Case => [`a rotation that ended as ${problem}`, [event('unasked-change-failed', { problem })], 0],
    ),
    ['a rotation that somebody asked for', [event('request-failed', { problem: 'forbidden' })], 0],
  ],
  'row-unreadable': [
    ['two rows, one logged twice', ['a', 'b', 'b'].map((credentialId) => event('row-unreadable', { credentialId })), 2],
    ['another event', [event('defect')], 0],
  ],
  'undecided-key': [
    ...['deletion-refused', 'foreign-key'].flatMap((name): Case[] => [
      [`${name}, two hours ago`, [event(name, {}, { minutesAgo: 129 })], 1],
      [`${name}, which did not come again`, [event(name, {}, { minutesAgo: 131 })], 0],
    ]),
    ...['living-key-not-in-ledger', 'key-not-discarded'].map(
      (name): Case => [`${name}, a day ago`, [event(name, {}, { minutesAgo: 1_440 })], 1],
    ),
    ['eight reviews that decided nothing', undecided(8), 1],
    ['seven of them', undecided(7), 0],
    ['another event', times(8, () => event('defect')), 0],
  ],
};

const NOISE = { ...trace({}), Message: "Executed 'Functions.vendKey' (Succeeded, Id=i, Duration=1ms)" };
const found = (alert: string, traces: readonly Row[]): number =>
  runQuery(infraFile(`alerts/${alert}.kql`), new Map([['AppTraces', [NOISE, ...traces]]]), NOW).length;

/** The same rows, from several instances and several of the functions that serve callers, seconds apart. */
const scattered = (traces: readonly Row[]): Row[] =>
  traces.map((row, at) => ({
    ...row,
    TimeGenerated: Number(row.TimeGenerated) - at * 100,
    AppRoleInstance: `instance-${at}`,
    OperationName: row.OperationName === 'vendKey' ? ['vendKey', ...OTHERS][at % 5] : row.OperationName,
  }));

describe.each(Object.entries(CASES))('%s', (alert, cases) => {
  it.each(cases)('finds as many rows as it says for %s', (_, traces, rows) => {
    expect(found(alert, traces)).toBe(rows);
  });

  it.each(cases)('finds as many where credentials had changes before: %s', (_, traces, rows) => {
    expect(found(alert, withLaterSequences(traces))).toBe(rows);
  });

  it.each(cases)('finds as many where several instances and functions say it: %s', (_, traces, rows) => {
    expect(found(alert, scattered(traces))).toBe(rows);
  });
});

it.each([
  ['no run', [], 1],
  ['a run that ended well', [{ OperationName: 'reconcile', Success: true }], 0],
  ['a run that failed', [{ OperationName: 'reconcile', Success: false }], 1],
  ['runs of something else', [{ OperationName: 'vendKey', Success: true }], 1],
])('reconciler-silent finds as many rows as it says for %s', (_, requests, rows) => {
  const tables = new Map([['AppRequests', requests]]);
  expect(runQuery(infraFile('alerts/reconciler-silent.kql'), tables, NOW)).toHaveLength(rows);
});
