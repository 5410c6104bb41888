import { ABSENCE_PROVES_MS } from '../../../src/vending/model/timings.ts';
import { TRANSITIONS as T } from '../../../src/vending/model/transitions.ts';
import { DRAFT, FIRST, HOUR, keyOf, LAPSED, NOW, PROBLEM, rows, SECOND, secretOf, TIMINGS } from './credentials.ts';
import { caseOf, type TransitionCase } from './transition-case.ts';

export const CLAIM = {
  nonce: 'bbbbbb',
  claimId: 'claim',
  leaseUntil: NOW + TIMINGS.leaseMs,
  grant: DRAFT.grant,
  draft: DRAFT,
};
export const ROTATION = { ...CLAIM, requestKey: 'r'.repeat(26), overlapMs: 25 * HOUR };
const REVOCATION = { since: NOW, by: 'queue:orders' };
const revoked = { revocation: REVOCATION };
const OTHER = { attempt: 7, nonce: 'aaaaaa' };
const VENDED = { attempt: FIRST, keyId: 'KEY1', key: keyOf('KEY1'), secret: secretOf('v1') };
const DISCARD = { attempt: FIRST, keyId: 'KEY1', problem: PROBLEM };
const OLD = LAPSED + ABSENCE_PROVES_MS;

export const ATTEMPT_CASES: readonly TransitionCase[] = [
  caseOf(T.claimVend, {
    by: 'worker',
    row: rows.failed(),
    input: CLAIM,
    broken: {
      noCurrent: { row: rows.vended() },
      noWork: { row: rows.unknown() },
      noRevocation: { row: rows.failed(revoked) },
      retryIsDue: { now: NOW - 1 },
      placeIsSwept: { row: rows.failed({ sweepAt: NOW, secretName: 'other' }) },
    },
  }),
  caseOf(T.claimRotation, {
    by: 'worker',
    row: rows.vended(),
    input: ROTATION,
    broken: {
      hasCurrent: { row: rows.failed() },
      noPrevious: { row: rows.rotated() },
      noWork: { row: rows.rotating() },
      noRevocation: { row: rows.revoking() },
      retryIsDue: { row: rows.vended({ failure: { problem: PROBLEM, retryAt: NOW + 1, since: NOW, streak: 1 } }) },
    },
  }),
  caseOf(T.recordNotMinted, {
    by: 'worker',
    row: rows.minting(),
    input: { attempt: FIRST, problem: PROBLEM },
    broken: {
      isAttempt: { input: { attempt: { ...FIRST, nonce: 'cccccc' }, problem: PROBLEM } },
      inPhase: { row: rows.minting({}, { phase: 'minted' }) },
      noKeyIsNamed: { row: rows.minting({}, { keyId: 'KEY1' }) },
    },
  }),
  caseOf(T.recordUnknown, {
    by: 'worker',
    row: rows.minting(),
    input: { attempt: FIRST },
    broken: { isAttempt: { input: { attempt: SECOND } }, inPhase: { row: rows.minted() } },
  }),
  caseOf(T.recordMinted, {
    by: 'worker',
    row: rows.minting(),
    input: { attempt: FIRST, keyId: 'KEY1' },
    broken: {
      isAttempt: { input: { attempt: OTHER, keyId: 'KEY1' } },
      inPhase: { row: rows.unknown() },
      noRevocation: { row: rows.minting(revoked) },
    },
  }),
  caseOf(T.recordVended, {
    by: 'worker',
    row: rows.minted(),
    input: VENDED,
    broken: {
      isAttempt: { input: { ...VENDED, attempt: OTHER } },
      inPhase: { row: rows.compensating() },
      keyIsOpen: { row: rows.minted({}, { keyId: 'KEY2' }) },
      noRevocation: { row: rows.minted(revoked) },
    },
  }),
  caseOf(T.discardKey, {
    by: 'worker',
    row: rows.minting(),
    input: DISCARD,
    broken: {
      isAttempt: { input: { ...DISCARD, attempt: OTHER } },
      inPhase: { row: rows.compensating() },
      keyIsOpen: { row: rows.minted({}, { keyId: 'KEY2' }) },
    },
  }),
  caseOf(T.recoverVended, {
    by: 'reconciler',
    row: rows.minting(),
    input: VENDED,
    now: LAPSED,
    broken: {
      isAttempt: { input: { ...VENDED, attempt: OTHER } },
      inPhase: { row: rows.unknown() },
      keyIsOpen: { row: rows.minted({}, { keyId: 'KEY2' }) },
      leaseIsOver: { now: LAPSED - 1 },
      noRevocation: { row: rows.minting(revoked) },
    },
  }),
  caseOf(T.recoverUnknown, {
    by: 'reconciler',
    row: rows.minting(),
    input: { attempt: FIRST },
    now: LAPSED,
    broken: {
      isAttempt: { input: { attempt: OTHER } },
      inPhase: { row: rows.minted() },
      leaseIsOver: { now: LAPSED - 1 },
    },
  }),
  caseOf(T.recoverDiscarded, {
    by: 'reconciler',
    row: rows.minted(),
    input: DISCARD,
    now: LAPSED,
    broken: {
      isAttempt: { input: { ...DISCARD, attempt: OTHER } },
      inPhase: { row: rows.unknown() },
      keyIsOpen: { row: rows.minted({}, { keyId: 'KEY2' }) },
      leaseIsOver: { now: LAPSED - 1 },
    },
  }),
  caseOf(T.recordCompensated, {
    by: 'reconciler',
    row: rows.compensating(),
    input: { attempt: FIRST, keyId: 'KEY1', stored: false },
    broken: {
      isAttempt: { input: { attempt: OTHER, keyId: 'KEY1', stored: false } },
      inPhase: { row: rows.minted() },
      keyIsOpen: { input: { attempt: FIRST, keyId: 'KEY2', stored: false } },
    },
  }),
  caseOf(T.resolveWithKey, {
    by: 'operator',
    row: rows.unknown(),
    input: DISCARD,
    now: OLD,
    broken: {
      isAttempt: { input: { ...DISCARD, attempt: OTHER } },
      inPhase: { row: rows.compensating() },
      keyIsOpen: { row: rows.minted({}, { keyId: 'KEY2' }) },
      keysAreOld: { now: OLD - 1 },
    },
  }),
  caseOf(T.resolveWithoutKey, {
    by: 'operator',
    row: rows.unknown(),
    input: { attempt: FIRST, problem: PROBLEM },
    now: OLD,
    broken: {
      isAttempt: { input: { attempt: OTHER, problem: PROBLEM } },
      inPhase: { row: rows.minting({}, { phase: 'minted' }) },
      noKeyIsNamed: { row: rows.minting({}, { keyId: 'KEY1' }) },
      keysAreOld: { now: OLD - 1 },
    },
  }),
  caseOf(T.resolveAsVended, {
    by: 'operator',
    row: rows.unknown(),
    input: VENDED,
    now: LAPSED,
    broken: {
      isAttempt: { input: { ...VENDED, attempt: OTHER } },
      inPhase: { row: rows.compensating() },
      keyIsOpen: { row: rows.minted({}, { keyId: 'KEY2' }) },
      leaseIsOver: { now: LAPSED - 1 },
      noRevocation: { row: rows.minting(revoked) },
    },
  }),
];
