import {
  hasCurrent,
  inPhase,
  isAttempt,
  keyIsOpen,
  leaseIsOver,
  noCurrent,
  noKeyIsNamed,
  noPrevious,
  noRevocation,
  noWork,
  placeIsSwept,
  retryIsDue,
} from './conditions.ts';
import { claimedWork, compensating, existing, failed, problemOfWork, swept, vended, workOf } from './row-parts.ts';
import {
  ANYONE,
  type Ended,
  type FirstClaim,
  type OfAttempt,
  RECONCILER,
  type RotationClaim,
  step,
  type ToCompensate,
  type Vended,
  WORKER,
} from './transition.ts';

/** From the claim of an attempt to its end. */
export const ATTEMPT_TRANSITIONS = {
  // claims: from here on a key may come to exist
  claimVend: step<FirstClaim>({
    when: 'a request claims the first key, before anything is sent',
    by: WORKER,
    isFirst: true,
    requires: { noCurrent, noWork, noRevocation, retryIsDue, placeIsSwept },
    becomes: (row, claim, at) => {
      const attempts = (row?.attempts ?? 0) + 1;
      const { failure, saidGone, sweepAt } = row ?? {};
      return {
        ...claim.draft,
        createdAt: row?.createdAt ?? at.now,
        attempts,
        work: claimedWork(attempts, claim, 'vend', at),
        ...(failure && { failure }),
        ...(saidGone && { saidGone }),
        ...(sweepAt !== undefined && { sweepAt }),
        holdsName: true,
      };
    },
  }),
  claimRotation: step<RotationClaim>({
    when: 'a request claims the next key, before anything is sent',
    by: WORKER,
    requires: { hasCurrent, noPrevious, noWork, noRevocation, retryIsDue },
    becomes: (from, claim, at) => {
      const row = existing(from);
      const attempts = row.attempts + 1;
      const { requestKey, overlapMs, grant } = claim;
      const work = { ...claimedWork(attempts, claim, 'rotate', at), rotation: { requestKey, overlapMs, grant } };
      return { ...row, attempts, work };
    },
  }),

  // the attempt of a living worker
  recordNotMinted: step<OfAttempt & Ended>({
    when: 'its POST provably minted nothing, or none was sent',
    by: WORKER,
    requires: { isAttempt, inPhase: inPhase('minting', 'unknown'), noKeyIsNamed },
    becomes: failed,
  }),
  recordUnknown: step<OfAttempt>({
    when: 'its POST ended ambiguously',
    by: WORKER,
    requires: { isAttempt, inPhase: inPhase('minting') },
    becomes: (row, _, { now }) => ({ ...existing(row), work: { ...workOf(row), phase: 'unknown', since: now } }),
  }),
  recordMinted: step<OfAttempt & { readonly keyId: string }>({
    when: 'a usable key was minted',
    by: WORKER,
    requires: { isAttempt, inPhase: inPhase('minting'), noRevocation },
    becomes: (row, { keyId }, { now }) => ({
      ...existing(row),
      work: { ...workOf(row), phase: 'minted', keyId, since: now },
    }),
  }),
  recordVended: step<Vended>({
    when: 'the vault confirmed the version',
    by: WORKER,
    requires: { isAttempt, inPhase: inPhase('minting', 'minted', 'unknown'), keyIsOpen, noRevocation },
    becomes: vended,
  }),
  discardKey: step<ToCompensate>({
    when: 'it holds a key that is not to be used',
    by: WORKER,
    requires: { isAttempt, inPhase: inPhase('minting', 'minted', 'unknown'), keyIsOpen },
    becomes: compensating,
  }),

  // the attempt of a dead worker
  recoverVended: step<Vended>({
    when: 'a version of the attempt is enabled, and Confluent shows its key with the marker',
    by: RECONCILER,
    requires: { isAttempt, inPhase: inPhase('minting', 'minted'), keyIsOpen, leaseIsOver, noRevocation },
    becomes: vended,
  }),
  recoverUnknown: step<OfAttempt>({
    when: 'the look-up succeeded and found no version that shows what became of the key',
    by: RECONCILER,
    requires: { isAttempt, inPhase: inPhase('minting'), leaseIsOver },
    becomes: (row, _, { now }) => ({ ...existing(row), work: { ...workOf(row), phase: 'unknown', since: now } }),
  }),
  recoverDiscarded: step<ToCompensate>({
    when: 'the key is gone, or no version holds its secret, or the credential is being revoked',
    by: RECONCILER,
    requires: { isAttempt, inPhase: inPhase('minting', 'minted'), keyIsOpen, leaseIsOver },
    becomes: compensating,
  }),

  // compensation
  recordCompensated: step<OfAttempt & { readonly keyId: string; readonly stored: boolean }>({
    when: 'the key is proven gone, and what was stored is disabled',
    by: ANYONE,
    requires: { isAttempt, inPhase: inPhase('compensating'), keyIsOpen },
    becomes: (row, { stored }, at) => swept(failed(row, { problem: problemOfWork(row), stored }, at), at),
  }),
} as const;
