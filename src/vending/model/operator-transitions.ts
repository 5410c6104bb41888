import {
  inPhase,
  isAttempt,
  isPrevious,
  isRevoked,
  isUnnamed,
  keyIsOpen,
  keysAreOld,
  leaseIsOver,
  noKeyIsNamed,
  noRevocation,
  nothingIsLeft,
  overlapIsOver,
} from './conditions.ts';
import { MAX_SAID_GONE } from './credential.ts';
import {
  compensating,
  existing,
  failed,
  problemOfWork,
  recovered,
  swept,
  takenUp,
  vended,
  withoutKeys,
} from './row-parts.ts';
import {
  type Ended,
  type FoundKey,
  type OfAttempt,
  OPERATOR,
  type Recovery,
  step,
  type ToCompensate,
  type Vended,
} from './transition.ts';

/** Decisions of an operator where nobody else can decide. */
export const OPERATOR_TRANSITIONS = {
  // the operator's word on an attempt
  resolveWithKey: step<ToCompensate>({
    when: 'the operator names a key whose description ends in the marker of the attempt',
    by: OPERATOR,
    requires: { isAttempt, inPhase: inPhase('minting', 'minted', 'unknown'), keyIsOpen, keysAreOld },
    becomes: compensating,
  }),
  resolveWithoutKey: step<OfAttempt & Ended>({
    when: 'the operator says that there is no key, and neither row nor vault knows one',
    by: OPERATOR,
    requires: { isAttempt, inPhase: inPhase('minting', 'unknown'), noKeyIsNamed, keysAreOld },
    becomes: (row, ended, at) => swept(failed(row, ended, at), at),
  }),
  resolveAsVended: step<Vended>({
    when: 'the operator sees alive the key of an enabled version',
    by: OPERATOR,
    requires: { isAttempt, inPhase: inPhase('minting', 'minted', 'unknown'), keyIsOpen, leaseIsOver, noRevocation },
    becomes: vended,
  }),
  correctNone: step<FoundKey>({
    when: 'the operator finds a key with a marker of this credential after "none" was said',
    by: OPERATOR,
    requires: {
      isUnnamed,
      attemptIsFree: (row, input) =>
        row.work === undefined || (isAttempt(row, input) && row.work.phase === 'unknown' && noKeyIsNamed(row)),
    },
    becomes: takenUp,
  }),

  // a ledger that lost rows
  insertRecovered: step<Recovery>({
    when: 'the row was lost, and the vault names living keys with markers of this credential',
    by: OPERATOR,
    isFirst: true,
    requires: {
      // Conditions are asked of a row that is there, and such a row is never replaced.
      noRow: () => false,
    },
    becomes: (_, recovery, at) => swept(recovered(recovery, at), at),
  }),

  // the operator's word where Confluent or the vault does not answer any more
  wordGone: step<{ readonly keyId: string }>({
    when: 'the operator says that a key which has to be deleted is gone',
    by: OPERATOR,
    requires: {
      hasToGo: (row, input, at) =>
        (row.work?.phase === 'compensating' && row.work.keyId === input.keyId) ||
        (isPrevious(row, input) && (isRevoked(row) || overlapIsOver(row, input, at))) ||
        (isRevoked(row) && row.current?.key.id === input.keyId),
    },
    becomes: (row, { keyId }, at) => {
      const isOfWork = row?.work?.keyId === keyId;
      const next = isOfWork
        ? failed(row, { problem: problemOfWork(row), stored: row?.work?.secret !== undefined }, at)
        : withoutKeys(row, [keyId]);
      return swept({ ...next, saidGone: [...(next.saidGone ?? []), keyId].slice(-MAX_SAID_GONE) }, at);
    },
  }),
  wordNothingLeft: step<{ readonly vaultIsGone?: boolean | undefined }>({
    when: 'the operator says that nothing of a revoked credential is left, in the vault or in Confluent',
    by: OPERATOR,
    requires: { isRevoked, nothingIsLeft },
    becomes: (from, { vaultIsGone = false }, at) => {
      const row = existing(from);
      const { revocation } = row;
      if (revocation === undefined) return row;
      const { sweepAt: _, ...unswept } = row;
      // A vault that is gone cannot be swept. One that was only silent still has to be.
      const next = vaultIsGone ? unswept : swept(row, at);
      return { ...next, revocation: { ...revocation, checkedAt: at.now } };
    },
  }),
} as const;
