import { describe, expect, it } from 'vitest';
import type { Credential } from '../../../src/vending/model/credential.ts';
import { dueTasks, nextReview, openReason, type Task } from '../../../src/vending/model/due.ts';
import { CURRENT, DAY, HOUR, LAPSED, MINUTE, NEXT, NOW, PREVIOUS, PROBLEM, rows, TIMINGS } from './credentials.ts';

const due = (row: Credential): readonly [Task, number] | undefined => {
  const next = nextReview(row, { timings: TIMINGS });
  return next && [next.task, next.at - NOW];
};
const tasks = (row: Credential, now: number): readonly Task[] => dueTasks(row, { now, timings: TIMINGS });

const failure = { problem: PROBLEM, retryAt: NOW + MINUTE, since: NOW, streak: 1 };
const revocation = { since: NOW, by: 'queue:orders' };
const AFTER_LEASE = LAPSED - NOW;
const RETENTION = TIMINGS.retentionMs;

describe('the next review', () => {
  it.each<[string, Credential, readonly [Task, number] | undefined]>([
    ['an attempt at its POST, when nothing of it is under way any more', rows.minting(), ['recover', AFTER_LEASE]],
    ['an attempt with its key, likewise', rows.minted(), ['recover', AFTER_LEASE]],
    ['a key to delete, when its worker had time to', rows.compensating(), ['compensate', 30_000]],
    ['an unknown outcome, never: a person decides', rows.unknown(), undefined],
    ['a key that never expires, never', rows.vended(), undefined],
    ['a key, when its secret expires', rows.vended({}, { expiresOn: NOW + DAY }), ['note-expiry', DAY]],
    ['a key whose expiry was noted, never', rows.vended({}, { expiresOn: NOW, expiryNotedAt: NOW }), undefined],
    [
      'a key, when it is to be rotated',
      rows.vended({}, { rotateAt: NOW + HOUR, expiresOn: NOW + DAY }),
      ['ask-rotation', HOUR],
    ],
    [
      'a rotation that was asked for, a day later again',
      rows.vended({}, { rotateAt: NOW, rotationAskedAt: NOW + HOUR }),
      ['ask-rotation', DAY + HOUR],
    ],
    [
      'a rotation without which readers have no secret, at once',
      rows.vended({ failure: { ...failure, urgent: true } }),
      ['ask-rotation', MINUTE],
    ],
    [
      'the same, asked for, after a quarter of an hour',
      rows.vended({ failure: { ...failure, urgent: true } }, { rotationAskedAt: NOW + MINUTE }),
      ['ask-rotation', 16 * MINUTE],
    ],
    [
      'a rotation that failed, when the next one is due',
      rows.vended({ failure }, { rotateAt: NOW + DAY }),
      ['ask-rotation', DAY],
    ],
    ['an overlap, when it ends', rows.rotated(), ['end-overlap', 25 * HOUR]],
    [
      'an overlap, never for the next rotation, however urgent: there are two keys at most',
      rows.rotated({ failure: { ...failure, urgent: true }, current: { ...NEXT, rotateAt: NOW } }),
      ['end-overlap', 25 * HOUR],
    ],
    [
      'a key under rotation, for its attempt alone',
      rows.rotating({ current: { ...CURRENT, rotateAt: NOW } }),
      ['recover', AFTER_LEASE],
    ],
    ['a failure, when it is to be forgotten', rows.failed(), ['prune', RETENTION]],
    [
      'a failure, by its own date and not by that of the credential',
      rows.failed({ createdAt: NOW - DAY }),
      ['prune', RETENTION],
    ],
    [
      'a failure that is swept only after its retention, for its sweep',
      rows.failed({ sweepAt: NOW + 2 * RETENTION }),
      ['sweep', 2 * RETENTION],
    ],
    ['a failure that is to be swept, before', rows.failed({ sweepAt: LAPSED }), ['sweep', AFTER_LEASE]],
    ['a revocation, when its caller had time to go on', rows.revoking(), ['revoke', 30_000]],
    [
      'a revocation of a key that expires, for the revocation alone',
      rows.revoking({ current: { ...CURRENT, expiresOn: NOW } }),
      ['revoke', 30_000],
    ],
    [
      'a revocation beside an attempt, when the attempt is over',
      rows.minting({ revocation }),
      ['recover', AFTER_LEASE],
    ],
    [
      'a revocation of the key in its overlap beside an attempt, when its caller had time to go on',
      rows.unknown({ revocation, previous: PREVIOUS }),
      ['revoke', 30_000],
    ],
    ['a revocation of the current key beside an attempt, likewise', rows.rotating({ revocation }), ['revoke', 30_000]],
    ['a revocation beside an unknown outcome, never', rows.unknown({ revocation }), undefined],
    ['a revocation of which the vault is not asked', rows.failed({ revocation }), ['revoke', 30_000]],
    ['what is revoked, for its sweep', rows.revoked(), ['sweep', AFTER_LEASE]],
  ])('is due for %s', (_, row, expected) => {
    expect(due(row)).toEqual(expected);
  });

  it('of what is revoked and swept is when it is to be forgotten', () => {
    const failure = { problem: PROBLEM, retryAt: NOW, since: NOW - DAY, streak: 1 };
    const { sweepAt: _, ...row } = rows.revoked({ failure, createdAt: NOW - DAY });
    expect(due(row)).toEqual(['prune', RETENTION]);
  });

  it('of a revocation that is not closed is never for forgetting it', () => {
    expect(tasks(rows.failed({ revocation }), NOW + RETENTION)).toEqual(['revoke']);
  });

  it('of what is not swept is never for forgetting it', () => {
    expect(tasks(rows.failed({ sweepAt: NOW + 2 * RETENTION }), NOW + RETENTION)).toEqual([]);
  });
});

it('what is due comes in the order in which it fell due, each to the millisecond', () => {
  const row = rows.rotated({ sweepAt: NOW + 2, current: { ...NEXT, expiresOn: NOW + 3 } }, { revokeAt: NOW + 1 });
  expect([0, 1, 2, 3].map((ms) => tasks(row, NOW + ms))).toEqual([
    [],
    ['end-overlap'],
    ['end-overlap', 'sweep'],
    ['end-overlap', 'sweep', 'note-expiry'],
  ]);
});

it('no rotation is due while the previous key is in the row, although its overlap is long over', () => {
  const row = rows.rotated({ current: { ...NEXT, rotateAt: NOW } }, { revokeAt: NOW });
  expect(tasks(row, NOW + DAY)).toEqual(['end-overlap']);
});

describe('a review that decided nothing', () => {
  const retry = { since: NOW, lookedAt: NOW, nextAt: NOW + HOUR };

  it('delays what was due when it looked', () => {
    const row = rows.rotated({ retry }, { revokeAt: NOW });
    expect(tasks(row, NOW + HOUR - 1)).toEqual([]);
    expect(tasks(row, NOW + HOUR)).toEqual(['end-overlap']);
  });

  it('delays no date that came since', () => {
    const row = rows.vended({ retry, sweepAt: NOW }, { expiresOn: NOW + 1 });
    expect(tasks(row, NOW + 1)).toEqual(['note-expiry']);
  });
});

describe('what waits for a person', () => {
  const looked = (forMs: number) => ({ since: NOW, lookedAt: NOW + forMs, nextAt: NOW + DAY });

  it.each<[string, Credential, ReturnType<typeof openReason>]>([
    ['an unknown outcome', rows.unknown(), { reason: 'unknown', since: NOW }],
    [
      'what reviews have not decided for ten minutes',
      rows.revoking({ retry: looked(10 * MINUTE) }),
      { reason: 'undecided', since: NOW },
    ],
    ['not what they have not decided for less', rows.revoking({ retry: looked(10 * MINUTE - 1) }), undefined],
    [
      'a rotation that policy does not grant any more',
      rows.vended({}, { rotateAt: NOW + 1, rotationSuspended: true }),
      { reason: 'rotation-suspended', since: NOW + 1 },
    ],
    [
      'such a rotation without a date of its own, since there is the key',
      rows.vended({}, { vendedAt: NOW - DAY, rotationSuspended: true }),
      { reason: 'rotation-suspended', since: NOW - DAY },
    ],
    ['not a key', rows.vended(), undefined],
    ['not a failure', rows.failed(), undefined],
  ])('is %s', (_, row, expected) => {
    expect(openReason(row)).toEqual(expected);
  });
});
