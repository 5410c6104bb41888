import { describe, expect, it } from 'vitest';
import type { Credential, Work } from '../../../src/vending/model/credential.ts';
import { TRANSITIONS as T } from '../../../src/vending/model/transitions.ts';
import { CURRENT, DRAFT, FIRST, HOUR, NOW, PREVIOUS, PROBLEM, rows, SECOND, secretOf } from './credentials.ts';
import { made } from './transition-case.ts';

const revocation = { since: NOW, by: 'queue:orders' };
const FOUND = {
  attempt: { attempt: 7, nonce: 'cccccc' },
  keyId: 'KEY9',
  problem: { ...PROBLEM, retryAfterMs: 1 },
  claimId: 'claim',
};

describe('an operator may say that a key is gone', () => {
  it.each<[string, Credential, string, number]>([
    ['the key that is being deleted', rows.compensating(), 'KEY1', NOW],
    ['the previous key after its overlap', rows.rotated(), 'KEY1', PREVIOUS.revokeAt],
    ['the previous key of a revoked credential', rows.rotated({ revocation }), 'KEY1', NOW],
    ['the current key of a revoked credential', rows.revoking(), 'KEY1', NOW],
  ])('of %s', (_, row, keyId, now) => {
    expect(made(T.wordGone, row, { keyId }, now).saidGone).toEqual([keyId]);
  });

  it.each<[string, Credential, string]>([
    ['another key than is being deleted', rows.compensating(), 'KEY9'],
    ['the key of an attempt that goes on', rows.minted(), 'KEY1'],
    ['the previous key in its overlap', rows.rotated(), 'KEY1'],
    ['the current key', rows.vended(), 'KEY1'],
    ['a key that a revoked credential does not have', rows.revoking(), 'KEY9'],
    ['a key that a revoked credential in its overlap does not have', rows.rotated({ revocation }), 'KEY9'],
  ])('but not of %s', (_, row, keyId) => {
    expect(() => made(T.wordGone, row, { keyId }, NOW)).toThrow('hasToGo');
  });

  it('and the last ten of these words are kept', () => {
    const said = Array.from({ length: 10 }, (_, number) => `OLD${number}`);
    const row = made(T.wordGone, rows.revoking({ saidGone: said }), { keyId: 'KEY1' });
    expect(row.saidGone).toEqual([...said.slice(1), 'KEY1']);
  });

  it('and its rotation is urgent where the vault has a secret of it', () => {
    const failureOf = (of: Partial<Work>) =>
      made(T.wordGone, rows.rotating({}, { phase: 'compensating', keyId: 'KEY2', ...of }), { keyId: 'KEY2' }).failure;
    expect(failureOf({ problem: PROBLEM })).toMatchObject({ problem: PROBLEM, forRotation: true });
    expect(failureOf({ problem: PROBLEM })).not.toHaveProperty('urgent');
    expect(failureOf({ secret: secretOf('v2') })).toMatchObject({ problem: { type: 'outcome-unknown' }, urgent: true });
  });
});

describe('a key that is found after "none" was said', () => {
  const now = NOW + HOUR;
  const taken = { phase: 'compensating', since: now, keyId: 'KEY9', problem: PROBLEM } as const;
  const anew = { ...FOUND.attempt, claimId: 'claim', claimedAt: now, leaseUntil: now, ...taken };

  it('is deleted as the key of an attempt of its own', () => {
    expect(made(T.correctNone, rows.failed(), FOUND, now).work).toEqual({ ...anew, purpose: 'vend' });
    expect(made(T.correctNone, rows.vended(), FOUND, now).work).toEqual({ ...anew, purpose: 'rotate' });
  });

  it('is deleted as the key of the attempt of which nobody knows, with all that is known of that', () => {
    const row = rows.rotating({}, { phase: 'unknown' });
    const secret = secretOf('v2');
    const { work } = made(T.correctNone, row, { ...FOUND, attempt: SECOND, secret }, now);
    expect(work).toEqual({ ...row.work, ...taken, secret });
    const { current: _, ...left } = row;
    expect(made(T.correctNone, left, { ...FOUND, attempt: SECOND }, now).work?.purpose).toBe('rotate');
  });

  it.each<[string, Credential, string]>([
    ['goes on', rows.minting(), 'attemptIsFree'],
    ['has a key', rows.minted({}, { phase: 'unknown', keyId: 'KEY2' }), 'attemptIsFree'],
    ['is the one that minted it', rows.minted({}, { keyId: 'KEY9' }), 'isUnnamed'],
  ])('is left alone while its attempt %s', (_, row, condition) => {
    expect(() => made(T.correctNone, row, { ...FOUND, attempt: FIRST })).toThrow(condition);
  });
});

describe('a rotation that an operator wants', () => {
  const schedule = (rotateAt?: number) => {
    const dates = rotateAt === undefined ? {} : { rotateAt };
    const row = rows.vended({}, { ...dates, rotationAskedAt: NOW - 1, rotationSuspended: true });
    return made(T.scheduleRotation, row, { keyId: 'KEY1', since: NOW - HOUR }, NOW).current;
  };

  it.each([
    ['there is no date', undefined],
    ['its date is of before the request', NOW - HOUR - 1],
    ['its date is to come', NOW + 1],
  ])('is due now where %s, and is asked for anew', (_, rotateAt) => {
    expect(schedule(rotateAt)).toEqual({ ...CURRENT, rotateAt: NOW });
  });

  it.each([NOW - HOUR, NOW])('leaves a date since the request as it is', (rotateAt) => {
    expect(() => schedule(rotateAt)).toThrow('isNotDueSince');
  });
});

it('a credential that was recovered has all that is known of its keys, and an overlap of its own', () => {
  const [second, first] = [rows.rotated().current, rows.vended().current];
  if (second === undefined || first === undefined) throw new Error('There is no key.');
  const grant = { ...DRAFT.grant, rotateEveryMs: 40 * HOUR };
  const recovery = { draft: { ...DRAFT, grant }, createdAt: NOW - HOUR, attempts: 2, current: second, previous: first };
  expect(made(T.insertRecovered, undefined, recovery, NOW + HOUR)).toEqual({
    ...DRAFT,
    grant,
    createdAt: NOW - HOUR,
    attempts: 2,
    current: { ...second, rotateAt: NOW + 40 * HOUR },
    previous: { ...PREVIOUS, revokeAt: NOW + 26 * HOUR },
    holdsName: true,
    sweepAt: expect.any(Number),
  });
});
