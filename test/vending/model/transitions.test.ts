import { describe, expect, it } from 'vitest';
import { credentialSchema, isIdle } from '../../../src/vending/model/credential.ts';
import {
  apply,
  type Party,
  TRANSITIONS as T,
  TRANSITION_NAMES,
  transitionNameOf,
} from '../../../src/vending/model/transitions.ts';
import { ATTEMPT_CASES, CLAIM, ROTATION } from './attempt-cases.ts';
import { FIRST, NOW, rows, TIMINGS } from './credentials.ts';
import { KEY_CASES } from './key-cases.ts';

const PARTIES: readonly Party[] = ['worker', 'reconciler', 'operator'];
const CASES = [...ATTEMPT_CASES, ...KEY_CASES];

describe.each(CASES)('the transition $name', ({ conditions, tried, parties, result, refusal, unguarded }) => {
  it('is allowed to those who may make it, and to nobody else', () => {
    for (const party of PARTIES)
      expect(result(party)).toMatchObject(
        parties.includes(party) ? { kind: 'allowed' } : { kind: 'refused', condition: 'party' },
      );
  });

  it('is refused wherever one of its conditions does not hold', () => {
    expect(new Set(tried)).toEqual(new Set(conditions));
    for (const condition of conditions) expect(refusal(condition).kind).toBe('refused');
  });

  it('has no condition that stands for another', () => {
    for (const condition of conditions) expect([condition, unguarded(condition).kind]).toEqual([condition, 'allowed']);
  });

  it('makes a row that the ledger can keep', () => {
    for (const party of parties) {
      const applied = result(party);
      if (applied.kind !== 'allowed') throw new Error(applied.condition);
      const row = credentialSchema.parse({ ...applied.row, sequence: 1, writeId: 'w' });
      expect(row.holdsName === true && isIdle(row)).toBe(false);
    }
  });
});

it('operators may end an overlap and plan rotations, as a worker and the reconciler may', () => {
  const at = { now: NOW, timings: TIMINGS };
  for (const by of ['worker', 'operator'] as const)
    expect(apply(T.endOverlapNow, rows.rotated(), { keyId: 'KEY1' }, { ...at, by }).kind).toBe('allowed');
  for (const by of ['reconciler', 'operator'] as const)
    expect(apply(T.scheduleRotation, rows.vended(), { keyId: 'KEY1', since: NOW }, { ...at, by }).kind).toBe('allowed');
});

it('every transition of the table is tried', () => {
  expect(CASES).toHaveLength(TRANSITION_NAMES.length);
  expect(new Set(CASES.map(({ name }) => name))).toEqual(new Set(TRANSITION_NAMES));
});

it('only a first claim, and the recovery of a lost row, find no row', () => {
  const at = { now: NOW, timings: TIMINGS, by: 'worker' } as const;
  expect(apply(T.claimVend, undefined, CLAIM, at).kind).toBe('allowed');
  expect(apply(T.claimRotation, undefined, ROTATION, at)).toEqual({ kind: 'refused', condition: 'exists' });
});

it('a transition makes nothing of a row, or of an attempt, that is not there', () => {
  const at = { now: NOW, timings: TIMINGS };
  expect(() => T.revoke.becomes(undefined, { by: 'queue:orders' }, at)).toThrow('needs a row');
  expect(() => T.recordUnknown.becomes(rows.vended(), { attempt: FIRST }, at)).toThrow('needs an attempt');
});

it('a transition that is not in the table has no name', () => {
  expect(() => transitionNameOf({ ...T.revoke })).toThrow('no such transition');
});
