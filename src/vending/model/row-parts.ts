import type { Credential, CredentialGrant, Current, Failure, Work } from './credential.ts';
import type { ProblemSummary } from './problems.ts';
import { DAY_MS, type Moment } from './timings.ts';
import {
  type Claim,
  type Ended,
  type FoundKey,
  type RecoveredKey,
  type Recovery,
  sweepTime,
  type ToCompensate,
  type Unstamped,
  type Vended,
} from './transition.ts';

export const claimedWork = (attempts: number, claim: Claim, purpose: Work['purpose'], { now }: Moment): Work => ({
  attempt: attempts,
  nonce: claim.nonce,
  claimId: claim.claimId,
  purpose,
  phase: 'minting',
  claimedAt: now,
  leaseUntil: claim.leaseUntil,
  since: now,
  ...(claim.expiresOn === undefined ? {} : { expiresOn: claim.expiresOn }),
});

/** A transition whose conditions hold only on a row with the parts that it changes. */
export function existing(row: Credential | undefined): Credential {
  if (row === undefined) throw new Error('The transition needs a row.');
  return row;
}
export function workOf(row: Credential | undefined): Work {
  const { work } = existing(row);
  if (work === undefined) throw new Error('The transition needs an attempt.');
  return work;
}

const withoutWork = (row: Credential | undefined): Credential => {
  const { work: _, ...rest } = existing(row);
  return rest;
};

const NEAR_EXPIRY_MS = 30 * DAY_MS;

/** The earlier of policy's interval and the approach of the secret's end: 30 days before, or half of a shorter life. */
export function rotationTime(
  vendedAt: number,
  { rotateEveryMs }: Pick<CredentialGrant, 'rotateEveryMs'>,
  expiresOn?: number,
): number | undefined {
  const byPolicy = rotateEveryMs === undefined ? Number.POSITIVE_INFINITY : vendedAt + rotateEveryMs;
  const byExpiry =
    expiresOn === undefined
      ? Number.POSITIVE_INFINITY
      : expiresOn - Math.min(NEAR_EXPIRY_MS, Math.floor((expiresOn - vendedAt) / 2));
  const at = Math.min(byPolicy, byExpiry);
  return Number.isFinite(at) ? at : undefined;
}

export function vended(from: Credential | undefined, { attempt: n, key, secret }: Vended, { now }: Moment): Unstamped {
  const { expiresOn, rotation } = workOf(from);
  const { failure: _, current: old, ...before } = withoutWork(from);
  const row = { ...before, grant: rotation?.grant ?? before.grant };
  const current = currentOf({ ...n, key, secret, vendedAt: now, expiresOn }, row.grant);
  if (old === undefined) return { ...row, current };
  return { ...row, current, previous: previousOf(old, now, rotation?.overlapMs ?? row.grant.overlapMs) };
}

function currentOf(
  { attempt, nonce, key, secret: { id, version }, vendedAt, expiresOn }: RecoveredKey,
  grant: CredentialGrant,
): Current {
  const rotateAt = rotationTime(vendedAt, grant, expiresOn);
  return {
    attempt,
    nonce,
    key,
    secret: { id, version },
    vendedAt,
    ...(expiresOn === undefined ? {} : { expiresOn }),
    ...(rotateAt === undefined ? {} : { rotateAt }),
  };
}

/** The overlap never outlasts the old secret: readers would hold an expired one. */
export const overlapEnd = ({ expiresOn }: Pick<RecoveredKey, 'expiresOn'>, now: number, overlapMs: number): number =>
  Math.max(now, Math.min(now + overlapMs, expiresOn ?? Number.POSITIVE_INFINITY));

function previousOf(old: RecoveredKey, now: number, overlapMs: number) {
  const { attempt, nonce, key, secret, vendedAt } = old;
  return { attempt, nonce, vendedAt, keyId: key.id, secret, revokeAt: overlapEnd(old, now, overlapMs) };
}

/** When the overlap began is forgotten, so it begins anew: readers may still hold the old secret. */
export function recovered({ draft, createdAt, attempts, current, previous }: Recovery, { now }: Moment): Unstamped {
  return {
    ...draft,
    createdAt,
    attempts,
    current: currentOf(current, draft.grant),
    ...(previous && { previous: previousOf(previous, now, draft.grant.overlapMs) }),
    holdsName: true,
  };
}

export function compensating(
  row: Credential | undefined,
  { keyId, secret, problem }: ToCompensate,
  { now }: Moment,
): Unstamped {
  const work = workOf(row);
  const next: Work = {
    ...work,
    phase: 'compensating',
    keyId,
    problem: summaryOf(problem),
    since: now,
    ...(secret && { secret }),
  };
  return { ...existing(row), work: next };
}

/** A problem may carry more than a row keeps, and the strict schema would refuse the row when it is read. */
const summaryOf = ({ type, detail }: ProblemSummary): ProblemSummary => ({ type, detail });

const FIRST_PAUSE_MS = 60_000;
const MAX_PAUSE_MS = 3_600_000;

/** A vault that refuses secrets would use up ARM's budget, one key for each try. */
const pauseAfter = ({ type }: ProblemSummary, streak: number): number =>
  type === 'vault-refused' ? Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(streak - 1, 10)) : 0;

export function failed(
  from: Credential | undefined,
  { problem, retryAfterMs = 0, stored = false }: Ended,
  at: Moment,
): Credential {
  const { purpose, attempt } = workOf(from);
  const row = withoutWork(from);
  const streak = (row.failure?.streak ?? 0) + 1;
  const isRotation = purpose === 'rotate';
  // A key that is older than current leaves readers what they have.
  const isNewest = attempt > (row.current?.attempt ?? 0);
  const failure: Failure = {
    problem: summaryOf(problem),
    retryAt: at.now + Math.max(retryAfterMs, pauseAfter(problem, streak)),
    since: at.now,
    streak,
    ...(isRotation && isNewest && { forRotation: true }),
    ...(((isRotation && stored && isNewest) || row.failure?.urgent) && { urgent: true }),
  };
  return { ...row, failure };
}

export const swept = <Row extends Unstamped>(row: Row, at: Moment): Row => ({ ...row, sweepAt: sweepTime(row, at) });

export function withoutKeys(row: Credential | undefined, keyIds: readonly string[]): Credential {
  const { current, previous, ...rest } = existing(row);
  return {
    ...rest,
    ...(current !== undefined && !keyIds.includes(current.key.id) && { current }),
    ...(previous !== undefined && !keyIds.includes(previous.keyId) && { previous }),
  };
}

export function takenUp(row: Credential | undefined, found: FoundKey, { now }: Moment): Unstamped {
  const { closed: _, ...open } = existing(row);
  const { attempt, keyId, secret, problem, claimId } = found;
  const { attempt: number, nonce } = attempt;
  const earlier = open.work;
  const work: Work = {
    attempt: number,
    nonce,
    claimId: earlier?.claimId ?? claimId,
    purpose: earlier?.purpose ?? (open.current === undefined ? 'vend' : 'rotate'),
    phase: 'compensating',
    claimedAt: earlier?.claimedAt ?? now,
    leaseUntil: earlier?.leaseUntil ?? now,
    since: now,
    keyId,
    problem: summaryOf(problem),
    ...(secret && { secret }),
    ...(earlier?.rotation && { rotation: earlier.rotation }),
  };
  return { ...open, work };
}

export function problemOfWork(row: Credential | undefined): ProblemSummary {
  return workOf(row).problem ?? { type: 'outcome-unknown', detail: 'The key of this attempt was deleted.' };
}
