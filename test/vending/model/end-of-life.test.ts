import { describe, expect, it } from 'vitest';
import { type Credential, namedKeys } from '../../../src/vending/model/credential.ts';
import { dueTasks } from '../../../src/vending/model/due.ts';
import { mayPrune, TRANSITIONS as T, type Unstamped } from '../../../src/vending/model/transitions.ts';
import { DAY, FIRST, HOUR, LAPSED, MINUTE, NOW, PREVIOUS, PROBLEM, rows, secretOf, TIMINGS } from './credentials.ts';
import { made } from './transition-case.ts';

const stamped = (row: Unstamped): Credential => ({ ...row, sequence: 2, writeId: 'write-2' });

const REVOCATION = { since: NOW, by: 'queue:orders' };

describe('a key to delete', () => {
  it('is named with the problem, and with the version that holds its secret', () => {
    const input = { attempt: FIRST, keyId: 'KEY1', secret: secretOf('v7'), problem: PROBLEM };
    expect(made(T.discardKey, rows.minting(), input, NOW + 1).work).toMatchObject({
      phase: 'compensating',
      keyId: 'KEY1',
      secret: secretOf('v7'),
      problem: PROBLEM,
      since: NOW + 1,
    });
  });

  it('that an operator finds after a wrong "none" is named under the number of its own marker', () => {
    const found = { attempt: { attempt: 7, nonce: 'cccccc' }, keyId: 'KEY9', problem: PROBLEM, claimId: 'claim' };
    expect(made(T.correctNone, rows.vended(), found).work).toMatchObject({
      ...found.attempt,
      phase: 'compensating',
      keyId: 'KEY9',
      purpose: 'rotate',
    });
    expect(made(T.correctNone, rows.unknown(), { ...found, attempt: FIRST }).work?.claimId).toBe('write-1');
  });
});

describe('the end of the overlap', () => {
  it('is now, or when it was to be, if that is earlier', () => {
    const end = (now: number) => made(T.endOverlapNow, rows.rotated(), { keyId: 'KEY1' }, now).previous?.revokeAt;
    expect(end(NOW + HOUR)).toBe(NOW + HOUR);
    expect(end(NOW + 30 * HOUR)).toBe(NOW + 25 * HOUR);
  });

  it('leaves the current key and a date for the sweep', () => {
    const row = made(T.recordOverlapEnded, rows.rotated(), { keyId: 'KEY1' }, PREVIOUS.revokeAt);
    expect(namedKeys(stamped(row))).toEqual(['KEY2']);
    expect(row.sweepAt).toBe(PREVIOUS.revokeAt + LAPSED - NOW);
  });
});

describe('a revocation', () => {
  const checked = { ...REVOCATION, checkedAt: NOW };

  it('is closed by the commit after which nothing is left and the vault was asked', () => {
    const row = made(T.recordRevoked, rows.revoking(), { keyIds: ['KEY1'], checked: true }, NOW + 1);
    expect(row).toMatchObject({ closed: { since: NOW + 1 }, sweepAt: LAPSED + 1, revocation: { checkedAt: NOW + 1 } });
    expect(row).not.toHaveProperty('holdsName');
  });

  it('is swept although no key was left: an attempt of before may have stored late', () => {
    const row = rows.failed({ revocation: REVOCATION });
    expect(made(T.recordRevoked, row, { keyIds: [], checked: true }).sweepAt).toBe(LAPSED);
  });

  it('is swept after an operator’s "nothing is left", unless the vault is gone', () => {
    const said = (input: { vaultIsGone?: true }) =>
      made(T.wordNothingLeft, rows.failed({ revocation: REVOCATION, sweepAt: NOW }), input);
    expect(said({})).toMatchObject({ closed: { since: NOW }, sweepAt: LAPSED });
    expect(said({ vaultIsGone: true })).toMatchObject({ closed: { since: NOW } });
    expect(said({ vaultIsGone: true })).not.toHaveProperty('sweepAt');
  });

  it.each<[string, Unstamped]>([
    ['the vault was not asked', made(T.recordRevoked, rows.revoking(), { keyIds: ['KEY1'], checked: false })],
    [
      'another key is left',
      made(T.recordRevoked, rows.rotated({ revocation: checked }), { keyIds: ['KEY1'], checked: false }),
    ],
  ])('is not closed while %s', (_, row) => {
    expect(row).not.toHaveProperty('closed');
    expect(row.sweepAt).toBe(LAPSED);
  });

  it.each<[string, Unstamped]>([
    [
      'its last attempt mints nothing',
      made(T.recordNotMinted, rows.minting({ revocation: checked }), { attempt: FIRST, problem: PROBLEM }),
    ],
    [
      'the key of its last attempt is gone',
      made(T.recordCompensated, rows.compensating({ revocation: checked }), {
        attempt: FIRST,
        keyId: 'KEY1',
        stored: false,
      }),
    ],
    [
      'an operator says that there is no key',
      made(
        T.resolveWithoutKey,
        rows.unknown({ revocation: checked }),
        { attempt: FIRST, problem: PROBLEM },
        NOW + HOUR,
      ),
    ],
    [
      'an operator says that the last key is gone',
      made(T.wordGone, rows.revoking({ revocation: checked }), { keyId: 'KEY1' }),
    ],
    ['an operator says that nothing is left', made(T.wordNothingLeft, rows.failed({ revocation: REVOCATION }), {})],
  ])('is closed as well when %s', (_, row) => {
    expect(row.closed).toBeDefined();
  });

  it('is open again while a key that was found is deleted', () => {
    const found = { attempt: { attempt: 7, nonce: 'cccccc' }, keyId: 'KEY9', problem: PROBLEM, claimId: 'claim' };
    expect(made(T.takeUpFoundKey, rows.revoked(), found)).not.toHaveProperty('closed');
    expect(made(T.correctNone, rows.revoked(), found)).not.toHaveProperty('closed');
  });
});

describe('a date that was acted on leaves the row', () => {
  it('the expiry, with the revocation that the grant wants', () => {
    const row = rows.vended({}, { expiresOn: NOW });
    expect(made(T.noteExpiry, row, {}, NOW + 5)).toMatchObject({ current: { expiryNotedAt: NOW + 5 } });
    expect(made(T.noteExpiry, row, {}, NOW + 5)).not.toHaveProperty('revocation');
    const revoking = { ...row, grant: { ...row.grant, revokeAtExpiry: true } };
    expect(made(T.noteExpiry, revoking, {}, NOW + 5).revocation).toEqual({ since: NOW + 5, by: 'expiry' });
    const noted = rows.vended({}, { expiresOn: NOW, expiryNotedAt: NOW });
    expect(() => made(T.noteExpiry, noted, {}, NOW + 5)).toThrow('isExpired');
  });

  it('the rotation that was asked for, or cannot be asked for', () => {
    const suspended = made(T.noteRotationAsked, rows.vended(), { suspended: true });
    expect(suspended.current).toMatchObject({ rotationAskedAt: NOW, rotationSuspended: true });
    expect(made(T.noteRotationAsked, stamped(suspended), { suspended: false }).current).not.toHaveProperty(
      'rotationSuspended',
    );
  });

  it('the sweep that took the newest version from the readers, and an urgent rotation comes', () => {
    const failure = { problem: PROBLEM, retryAt: NOW + HOUR, since: NOW, streak: 3 };
    const row = made(T.recordReadersLost, rows.vended({ sweepAt: NOW, failure }), {}, NOW + 1);
    expect(row).not.toHaveProperty('sweepAt');
    const problem = { type: 'not-yet-confirmed', detail: 'A secret that was stored late had to be disabled.' };
    const lost = { problem, retryAt: NOW + 1, since: NOW + 1, forRotation: true, urgent: true };
    expect(row.failure).toEqual({ ...lost, streak: 3 });
    expect(made(T.recordReadersLost, rows.vended({ sweepAt: NOW }), {}, NOW + 1).failure).toEqual({
      ...lost,
      streak: 1,
    });
    expect(dueTasks(stamped(row), { now: NOW + 1, timings: TIMINGS })).toEqual(['ask-rotation']);
  });

  it('the sweep', () => {
    expect(made(T.recordSwept, rows.failed({ sweepAt: NOW }), {})).not.toHaveProperty('sweepAt');
    expect(made(T.recordSwept, rows.revoked({ sweepAt: NOW }), {}, NOW + HOUR).closed).toEqual({ since: NOW });
  });
});

describe('a review that decided nothing', () => {
  const retry = { since: NOW, lookedAt: NOW, nextAt: NOW + MINUTE };

  it('is remembered with its next date', () => {
    const [since, now, nextAt] = [NOW, NOW + HOUR, NOW + 2 * HOUR];
    expect(made(T.backOff, rows.revoking(), { since, nextAt }, now).retry).toEqual({ since, lookedAt: now, nextAt });
  });

  it('is forgotten by every change of a key, and by bookkeeping only where nothing else was delayed', () => {
    expect(made(T.revoke, rows.vended({ retry, sweepAt: NOW }), { by: 'x' })).not.toHaveProperty('retry');
    expect(made(T.recordSwept, rows.vended({ retry, sweepAt: NOW }), {})).not.toHaveProperty('retry');
    const beside = rows.rotated({ retry, sweepAt: NOW }, { revokeAt: NOW });
    expect(made(T.recordSwept, beside, {}).retry).toEqual(retry);
  });
});

const { failure: _, ...UNUSED } = rows.failed();

describe('what may be forgotten', () => {
  const at = (now: number) => ({ now, timings: TIMINGS });
  const OVER = NOW + TIMINGS.retentionMs;

  it.each<[string, Credential]>([
    ['a failure', rows.failed({ createdAt: NOW - DAY })],
    ['a credential of which nothing but its name was kept', { ...UNUSED, createdAt: NOW }],
    ['a closed revocation', rows.revoked()],
  ])('is %s after its retention', (_, row) => {
    const { sweepAt: _swept, ...swept } = row;
    expect([mayPrune(swept, at(OVER - 1)), mayPrune(swept, at(OVER))]).toEqual([false, true]);
  });

  it.each<[string, Credential]>([
    ['a credential with a key', rows.vended()],
    ['a credential with an attempt', rows.unknown()],
    ['a failure that is not swept', rows.failed({ sweepAt: NOW })],
    ['a revocation that is not closed', rows.failed({ revocation: REVOCATION })],
  ])('is not %s', (_, row) => {
    expect(mayPrune(row, at(OVER + DAY))).toBe(false);
  });
});
