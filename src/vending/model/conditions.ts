import { type AttemptName, type Credential, isIdle, isSameAttempt, namedKeys, type Work } from './credential.ts';
import { ABSENCE_PROVES_MS, type Moment } from './timings.ts';
import type { FirstClaim } from './transition.ts';

/** Conditions on the row that a commit's ETag belongs to. */

export const hasCurrent = ({ current }: Credential): boolean => current !== undefined;
export const noCurrent = ({ current }: Credential): boolean => current === undefined;
export const noPrevious = ({ previous }: Credential): boolean => previous === undefined;
export const noWork = ({ work }: Credential): boolean => work === undefined;
export const noRevocation = ({ revocation }: Credential): boolean => revocation === undefined;
export const isRevoked = ({ revocation }: Credential): boolean => revocation !== undefined;
export const nothingIsLeft = (row: Credential): boolean => isIdle(row);
export const retryIsDue = ({ failure }: Credential, _: unknown, { now }: Moment): boolean =>
  now >= (failure?.retryAt ?? 0);

/** The sweep uses the row's vault and name. So the place stays until versions of an earlier attempt are swept. */
export const placeIsSwept = ({ sweepAt, vaultUrl, secretName }: Credential, { draft }: FirstClaim): boolean =>
  sweepAt === undefined || (vaultUrl === draft.vaultUrl && secretName === draft.secretName);

export const isAttempt = ({ work }: Credential, { attempt }: { readonly attempt: AttemptName }): boolean =>
  work !== undefined && isSameAttempt(work, attempt);

export const inPhase =
  (...phases: readonly Work['phase'][]) =>
  ({ work }: Credential): boolean =>
    work !== undefined && phases.includes(work.phase);

/** Nobody has decided about this key: the row names it, or names none. */
export const keyIsOpen = ({ work }: Credential, { keyId }: { readonly keyId: string }): boolean =>
  work?.keyId === undefined || work.keyId === keyId;

export const noKeyIsNamed = ({ work }: Credential): boolean => work?.keyId === undefined;

/** By this clock no effect of the attempt can be under way any more. By the clock of its worker one may, until `keysAreOld`. */
export const leaseIsOver = ({ work }: Credential, _: unknown, { now, timings }: Moment): boolean =>
  work !== undefined && now >= work.leaseUntil + timings.settleMs;

/** A key of the attempt would be visible by now, if it lives. Lease and settling time are over longer than that. */
export const keysAreOld = ({ work }: Credential, _: unknown, at: Moment): boolean =>
  work !== undefined && at.now >= keysAreOldFrom(work, at);

/** Its POST may land as late as the settling time allows, and another instance wrote down the lease. */
export const keysAreOldFrom = ({ leaseUntil }: Work, { timings }: Pick<Moment, 'timings'>): number =>
  leaseUntil + timings.settleMs + ABSENCE_PROVES_MS;

export const isPrevious = ({ previous }: Credential, { keyId }: { readonly keyId: string }): boolean =>
  previous?.keyId === keyId;
export const overlapIsOver = ({ previous }: Credential, _: unknown, { now }: Moment): boolean =>
  previous !== undefined && now >= previous.revokeAt;

export const sweepIsDue = ({ sweepAt }: Credential, _: unknown, { now }: Moment): boolean =>
  sweepAt !== undefined && now >= sweepAt;

export const isUnnamed = (row: Credential, { keyId }: { readonly keyId: string }): boolean =>
  !namedKeys(row).includes(keyId);
