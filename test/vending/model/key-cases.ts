import { type Recovery, TRANSITIONS as T } from '../../../src/vending/model/transitions.ts';
import { DRAFT, FIRST, keyOf, NOW, PREVIOUS, PROBLEM, rows, secretOf } from './credentials.ts';
import { caseOf, type TransitionCase } from './transition-case.ts';

const revoked = { revocation: { since: NOW, by: 'queue:orders' } };
const FOUND = { attempt: { attempt: 7, nonce: 'aaaaaa' }, keyId: 'KEY9', problem: PROBLEM, claimId: 'claim' };

const RECOVERY: Recovery = {
  draft: DRAFT,
  createdAt: NOW,
  attempts: 1,
  current: { ...FIRST, key: keyOf('KEY1'), secret: secretOf('v1'), vendedAt: NOW },
};

export const KEY_CASES: readonly TransitionCase[] = [
  caseOf(T.correctNone, {
    by: 'operator',
    row: rows.vended(),
    input: FOUND,
    broken: {
      isUnnamed: { input: { ...FOUND, keyId: 'KEY1' } },
      attemptIsFree: { row: rows.unknown() },
    },
  }),
  caseOf(T.insertRecovered, { by: 'operator', input: RECOVERY, broken: { noRow: { row: rows.failed() } } }),
  caseOf(T.endOverlapNow, {
    by: 'worker',
    row: rows.rotated(),
    input: { keyId: 'KEY1' },
    broken: { isPrevious: { input: { keyId: 'KEY2' } } },
  }),
  caseOf(T.recordOverlapEnded, {
    by: 'worker',
    row: rows.rotated(),
    input: { keyId: 'KEY1' },
    now: PREVIOUS.revokeAt,
    broken: {
      isPrevious: { input: { keyId: 'KEY2' } },
      overlapIsOver: { now: PREVIOUS.revokeAt - 1 },
    },
  }),
  caseOf(T.revoke, {
    by: 'worker',
    row: rows.vended(),
    input: { by: 'queue:orders' },
    broken: { noRevocation: { row: rows.revoking() } },
  }),
  caseOf(T.recordRevoked, {
    by: 'worker',
    row: rows.revoking(),
    input: { keyIds: ['KEY1'], checked: true },
    broken: {
      isRevoked: { row: rows.vended() },
      checkedLast: { input: { keyIds: [], checked: true } },
    },
  }),
  caseOf(T.takeUpFoundKey, {
    by: 'reconciler',
    row: rows.revoked(),
    input: FOUND,
    broken: { isRevoked: { row: rows.failed() }, nothingIsLeft: { row: rows.revoking() } },
  }),
  caseOf(T.wordGone, {
    by: 'operator',
    row: rows.revoking(),
    input: { keyId: 'KEY1' },
    broken: { hasToGo: { row: rows.vended() } },
  }),
  caseOf(T.wordNothingLeft, {
    by: 'operator',
    row: rows.failed(revoked),
    input: {},
    broken: { isRevoked: { row: rows.failed() }, nothingIsLeft: { row: rows.revoking() } },
  }),
  caseOf(T.noteExpiry, {
    by: 'reconciler',
    row: rows.vended({}, { expiresOn: NOW }),
    input: {},
    broken: { noRevocation: { row: rows.vended(revoked, { expiresOn: NOW }) }, isExpired: { now: NOW - 1 } },
  }),
  caseOf(T.noteRotationAsked, {
    by: 'reconciler',
    row: rows.vended(),
    input: { suspended: false },
    broken: { hasCurrent: { row: rows.failed() }, noRevocation: { row: rows.revoking() } },
  }),
  caseOf(T.scheduleRotation, {
    by: 'operator',
    row: rows.vended(),
    input: { keyId: 'KEY1', since: NOW },
    broken: {
      noRevocation: { row: rows.revoking() },
      isCurrent: { input: { keyId: 'KEY2', since: NOW } },
      isNotDueSince: { row: rows.vended({}, { rotateAt: NOW }) },
    },
  }),
  caseOf(T.recordSwept, {
    by: 'reconciler',
    row: rows.failed({ sweepAt: NOW }),
    input: {},
    broken: { sweepIsDue: { now: NOW - 1 } },
  }),
  caseOf(T.recordReadersLost, {
    by: 'reconciler',
    row: rows.vended({ sweepAt: NOW }),
    input: {},
    broken: {
      sweepIsDue: { now: NOW - 1 },
      hasCurrent: { row: rows.failed({ sweepAt: NOW }) },
      noRevocation: { row: rows.revoking({ sweepAt: NOW }) },
    },
  }),
  caseOf(T.backOff, { by: 'reconciler', row: rows.revoking(), input: { since: NOW, nextAt: NOW + 1 }, broken: {} }),
];
