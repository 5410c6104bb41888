import type { Row } from '../drills/values.ts';
import { HOUR, logged, SECOND, type Step, type Where } from '../logged.ts';

/** The first case of a query gives every column of its rows. Others give what they are about. */
export type Case = readonly [what: string, given: readonly Row[], rows: readonly Row[]];
export type Cases = readonly [Case, ...Case[]];

/** A first key. Each of these is over the given time before now. */
export const vend = (ago: number): Step[] => [
  ['claimVend', ago + 2 * SECOND],
  ['recordMinted', ago + SECOND],
  ['recordVended', ago],
];
/** The next key. The one before lives on. */
export const rotate = (ago: number): Step[] => [
  ['claimRotation', ago + 2 * SECOND],
  ['recordMinted', ago + SECOND],
  ['recordVended', ago],
];
export const endOverlap = (ago: number): Step[] => [
  ['endOverlapNow', ago + SECOND],
  ['recordOverlapEnded', ago],
];
export const revoke = (ago: number): Step[] => [
  ['revoke', ago + SECOND],
  ['recordRevoked', ago],
];
export const fail = (ago: number): Step[] => [
  ['claimVend', ago + SECOND],
  ['recordNotMinted', ago, { problem: 'upstream-throttled' }],
];

/** A worker began this ten minutes before, and died. */
export const abandoned = (ago: number): Step[] => [['claimVend', ago + HOUR / 6]];
export const abandonedWithKey = (ago: number): Step[] => [...abandoned(ago), ['recordMinted', ago + HOUR / 6 - SECOND]];

/** Ends of attempts, and what each is called. */
export const ENDS: readonly [steps: readonly Step[], problem: string, outcome: string][] = [
  [[...abandoned(HOUR), ['recordUnknown', HOUR]], 'outcome-unknown', 'unknown'],
  [[...abandoned(HOUR), ['recoverUnknown', HOUR]], 'outcome-unknown', 'unknown'],
  [[...abandoned(HOUR), ['recordNotMinted', HOUR, { problem: 'quota-exhausted' }]], 'quota-exhausted', 'failed'],
  [[...abandoned(HOUR), ['discardKey', HOUR, { problem: 'key-unusable' }]], 'key-unusable', 'failed'],
  [[...abandonedWithKey(HOUR), ['recoverDiscarded', HOUR, { problem: 'out-of-time' }]], 'out-of-time', 'failed'],
];

/** A request that failed on our side of the line. */
export const failed = (ago: number, problem: string, credentialId?: string, where?: Where): Row =>
  logged(ago, { event: 'request-failed', problem, ...(credentialId !== undefined && { credentialId }) }, where);
/** A request that policy refused. */
export const denied = (ago: number, where?: Where): Row =>
  logged(ago, { event: 'request-denied', problem: 'forbidden', reason: 'No rule.', transport: 'http' }, where);
