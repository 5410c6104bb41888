import { describe, expect, it } from 'vitest';
import type { Credential } from '../../../src/vending/model/credential.ts';
import { TRANSITIONS as T } from '../../../src/vending/model/transitions.ts';
import { CLAIM, ROTATION } from './attempt-cases.ts';
import {
  CURRENT,
  DAY,
  DRAFT,
  FIRST,
  HOUR,
  keyOf,
  LAPSED,
  MINUTE,
  NOW,
  PREVIOUS,
  PROBLEM,
  rows,
  SECOND,
  secretOf,
} from './credentials.ts';
import { made } from './transition-case.ts';

const vendedKey = (of: { attempt: typeof FIRST; keyId: string }) => ({
  ...of,
  key: keyOf(of.keyId),
  secret: secretOf('v-new'),
});
const FIRST_KEY = vendedKey({ attempt: FIRST, keyId: 'KEY1' });
const SECOND_KEY = vendedKey({ attempt: SECOND, keyId: 'KEY2' });
const VAULT_REFUSED = { type: 'vault-refused', detail: 'The vault takes writes, but not this secret.' } as const;

describe('a claim', () => {
  it('takes the name and the next number, and keeps when the credential was made and what is to be swept', () => {
    const row = rows.failed({ createdAt: NOW - DAY, sweepAt: LAPSED, attempts: 4 });
    expect(made(T.claimVend, row, CLAIM)).toMatchObject({
      attempts: 5,
      createdAt: NOW - DAY,
      sweepAt: LAPSED,
      holdsName: true,
      failure: row.failure,
      work: { attempt: 5, nonce: 'bbbbbb', claimId: 'claim', purpose: 'vend', phase: 'minting', since: NOW },
    });
  });

  it('knows when its secret will expire, and remembers what operators said', () => {
    const claim = { ...CLAIM, expiresOn: NOW + DAY };
    const row = made(T.claimVend, rows.failed({ saidGone: ['KEY0'] }), claim, NOW + 1);
    expect(row.saidGone).toEqual(['KEY0']);
    expect(row.work).toEqual({
      ...{ attempt: 2, nonce: CLAIM.nonce, claimId: CLAIM.claimId, purpose: 'vend', phase: 'minting' },
      ...{ claimedAt: NOW + 1, since: NOW + 1, leaseUntil: CLAIM.leaseUntil, expiresOn: NOW + DAY },
    });
  });

  it('stays in the vault and under the name whose late versions are not swept yet', () => {
    for (const of of [{ vaultUrl: 'https://other.vault.azure.net' }, { secretName: 'other' }])
      expect(() => made(T.claimVend, rows.failed({ ...of, sweepAt: NOW }), CLAIM)).toThrow('placeIsSwept');
    const moved = rows.failed({ vaultUrl: 'https://other.vault.azure.net', secretName: 'other' });
    expect(made(T.claimVend, moved, CLAIM)).toMatchObject({ vaultUrl: DRAFT.vaultUrl, secretName: DRAFT.secretName });
  });

  it('of a rotation leaves key and grant as they are, and keeps the grant of today for the new key', () => {
    const grant = { ...ROTATION.grant, overlapMs: 1, revokeAtExpiry: true };
    expect(made(T.claimRotation, rows.vended(), { ...ROTATION, grant })).toMatchObject({
      attempts: 2,
      current: CURRENT,
      grant: DRAFT.grant,
      work: { purpose: 'rotate', rotation: { requestKey: ROTATION.requestKey, overlapMs: 25 * HOUR, grant } },
    });
  });
});

describe('a vended key', () => {
  it('is current, with its version, and ends attempt and failure', () => {
    const failure = { problem: PROBLEM, retryAt: NOW, since: NOW, streak: 3 };
    const row = made(T.recordVended, rows.minted({ failure }), FIRST_KEY);
    expect(row.current).toEqual({ ...FIRST, key: keyOf('KEY1'), secret: secretOf('v-new'), vendedAt: NOW });
    expect(row).not.toHaveProperty('work');
    expect(row).not.toHaveProperty('failure');
    expect(row).not.toHaveProperty('previous');
  });

  it('puts the key before it into the overlap that was asked for', () => {
    const rotation = { requestKey: 'r', overlapMs: HOUR, grant: DRAFT.grant };
    const row = rows.rotating({}, { phase: 'minted', keyId: 'KEY2', rotation });
    expect(made(T.recordVended, row, SECOND_KEY).previous).toEqual({ ...PREVIOUS, revokeAt: NOW + HOUR });
  });

  it('has what policy granted when it was claimed, and its date by that', () => {
    const grant = { ...DRAFT.grant, rotateEveryMs: DAY, revokeAtExpiry: true };
    const row = rows.rotating({}, { rotation: { requestKey: 'r', overlapMs: HOUR, grant } });
    expect(made(T.recordVended, row, SECOND_KEY)).toMatchObject({ grant, current: { rotateAt: NOW + DAY } });
  });

  it.each([
    ['ends with the old secret', NOW + HOUR, NOW + HOUR],
    ['is over where the old secret has expired', NOW - HOUR, NOW],
  ])('its overlap %s', (_, expiresOn, revokeAt) => {
    const row = rows.rotating({ current: { ...CURRENT, expiresOn } });
    expect(made(T.recordVended, row, SECOND_KEY).previous?.revokeAt).toBe(revokeAt);
  });

  it.each<[string, number | undefined, number | undefined, number | undefined]>([
    ['never, without an interval and an expiry', undefined, undefined, undefined],
    ['after policy’s interval', 10 * DAY, undefined, 10 * DAY],
    ['30 days before it expires', undefined, 90 * DAY, 60 * DAY],
    ['after half of a life shorter than 60 days', undefined, 10 * DAY, 5 * DAY],
    ['after the interval, where that is earlier', 20 * DAY, 90 * DAY, 20 * DAY],
    ['before it expires, where that is earlier', 80 * DAY, 90 * DAY, 60 * DAY],
  ])('is due for rotation %s', (_, rotateEveryMs, lifeMs, rotateAfter) => {
    const grant = { rule: 'orders', overlapMs: HOUR, revokeAtExpiry: false, ...(rotateEveryMs && { rotateEveryMs }) };
    const row = rows.minting({ grant }, lifeMs === undefined ? {} : { expiresOn: NOW + lifeMs });
    const { current } = made(T.recordVended, row, FIRST_KEY);
    expect(current?.rotateAt).toBe(rotateAfter === undefined ? undefined : NOW + rotateAfter);
    expect(current?.expiresOn).toBe(lifeMs === undefined ? undefined : NOW + lifeMs);
  });
});

describe('a failed attempt', () => {
  const fail = (row: Credential, problem: typeof PROBLEM | typeof VAULT_REFUSED, retryAfterMs?: number) =>
    made(T.recordNotMinted, row, { attempt: FIRST, problem, retryAfterMs }).failure;

  it('gives up the name, and says why and when the next may begin', () => {
    const row = made(T.recordNotMinted, rows.minting(), { attempt: FIRST, problem: PROBLEM, retryAfterMs: 7_000 });
    expect(row.failure).toEqual({ problem: PROBLEM, retryAt: NOW + 7_000, since: NOW, streak: 1 });
    expect(row).not.toHaveProperty('holdsName');
    expect(row).not.toHaveProperty('sweepAt');
  });

  it('waits longer each time for a vault that refuses secrets, an hour at most, and not at all for others', () => {
    const pauses = [0, 1, 2, 5, 6, 50].map((streak) => {
      const failure = { problem: VAULT_REFUSED, retryAt: NOW, since: NOW, streak };
      return (fail(rows.minting(streak === 0 ? {} : { failure }), VAULT_REFUSED)?.retryAt ?? 0) - NOW;
    });
    expect(pauses.map((pause) => pause / MINUTE)).toEqual([1, 2, 4, 32, 60, 60]);
    expect(fail(rows.minting(), PROBLEM)?.retryAt).toBe(NOW);
    expect(fail(rows.minting(), VAULT_REFUSED, 2 * HOUR)?.retryAt).toBe(NOW + 2 * HOUR);
  });

  it('of a rotation is urgent where its secret was stored: readers get a version that is disabled', () => {
    const row = rows.rotating({}, { phase: 'compensating', keyId: 'KEY2', problem: PROBLEM });
    const end = (stored: boolean, from = row) =>
      made(T.recordCompensated, from, { attempt: SECOND, keyId: 'KEY2', stored }).failure;
    expect(end(true)).toMatchObject({ forRotation: true, urgent: true });
    expect(end(false)).toEqual({ problem: PROBLEM, retryAt: NOW, since: NOW, streak: 1, forRotation: true });
    const urgent = { problem: PROBLEM, retryAt: NOW, since: NOW, streak: 1, urgent: true } as const;
    expect(end(false, { ...row, failure: urgent })).toMatchObject({ urgent: true, streak: 2 });
  });

  it('of a rotation before the current key leaves readers what they have', () => {
    const row = rows.rotated({}, {});
    const { work } = rows.rotating({}, { ...FIRST, phase: 'compensating', keyId: 'KEY9', problem: PROBLEM });
    if (work === undefined) throw new Error('The row has no attempt.');
    const { failure } = made(T.recordCompensated, { ...row, work }, { attempt: FIRST, keyId: 'KEY9', stored: true });
    expect(failure).toEqual({ problem: PROBLEM, retryAt: NOW, since: NOW, streak: 1 });
  });

  it('whose key was deleted is swept once everything that was sent has landed', () => {
    const row = made(T.recordCompensated, rows.compensating(), { attempt: FIRST, keyId: 'KEY1', stored: true });
    expect(row.sweepAt).toBe(LAPSED);
    expect(row.failure?.problem).toEqual(PROBLEM);
    expect(row.failure).not.toHaveProperty('urgent');
  });

  it('of a rotation that stored nothing is not urgent', () => {
    const { failure } = made(T.recordNotMinted, rows.rotating(), { attempt: SECOND, problem: PROBLEM });
    expect(failure).toEqual({ problem: PROBLEM, retryAt: NOW, since: NOW, streak: 1, forRotation: true });
  });

  it('of a rotation leaves the grant of the key that stays', () => {
    const grant = { ...DRAFT.grant, revokeAtExpiry: true };
    const row = rows.rotating({}, { rotation: { requestKey: 'r', overlapMs: HOUR, grant } });
    expect(made(T.recordNotMinted, row, { attempt: SECOND, problem: PROBLEM }).grant).toEqual(DRAFT.grant);
  });

  it('moves no sweep to an earlier time', () => {
    const row = rows.compensating({ sweepAt: NOW + DAY });
    expect(made(T.recordCompensated, row, { attempt: FIRST, keyId: 'KEY1', stored: true }).sweepAt).toBe(NOW + DAY);
  });
});
