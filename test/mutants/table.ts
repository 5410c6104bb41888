import { type Mutant, mutantsOf } from './mutant.ts';

const mutant = mutantsOf('src/vending/model');

/** The conditions of the table of transitions, what a transition leaves, and the dates of a row. */
export const TABLE_MUTANTS: readonly Mutant[] = [
  mutant(
    'the table at a commit',
    'if (!without.has(name) && !holds(row, input, at))',
    'if (!without.has(name) && name === "" && !holds(row, input, at))',
  ),
  mutant(
    'the attempt that a change is about',
    'work !== undefined && isSameAttempt(work, attempt);',
    'work !== undefined && isSameAttempt(work, { ...attempt, attempt: work.attempt, nonce: work.nonce });',
  ),
  mutant('the nonce of an attempt', 'a.attempt === b.attempt && a.nonce === b.nonce;', 'a.attempt === b.attempt;'),
  mutant(
    'waiting for lease and settling time',
    'now >= work.leaseUntil + timings.settleMs;',
    'now >= work.claimedAt - timings.settleMs;',
  ),
  mutant(
    'waiting until a key would be visible before "none" is believed',
    'leaseUntil + timings.settleMs + ABSENCE_PROVES_MS;',
    'leaseUntil + timings.settleMs - ABSENCE_PROVES_MS;',
  ),
  mutant(
    'the wait that an upstream asked for',
    'now >= (failure?.retryAt ?? 0);',
    'now >= 0 * (failure?.retryAt ?? 0);',
  ),
  mutant(
    'the end of an overlap',
    'previous !== undefined && now >= previous.revokeAt;',
    'previous !== undefined && now >= previous.vendedAt;',
  ),
  mutant(
    'two living keys at most',
    'requires: { hasCurrent, noPrevious, noWork, noRevocation, retryIsDue },',
    'requires: { hasCurrent, noWork, noRevocation, retryIsDue },',
  ),
  mutant(
    'one attempt at a time',
    'requires: { hasCurrent, noPrevious, noWork, noRevocation, retryIsDue },',
    'requires: { hasCurrent, noPrevious, noRevocation, retryIsDue },',
  ),
  mutant(
    'the revocation when a key is vended',
    "requires: { isAttempt, inPhase: inPhase('minting', 'minted', 'unknown'), keyIsOpen, noRevocation },\n    becomes: vended,\n  }),\n  discardKey",
    "requires: { isAttempt, inPhase: inPhase('minting', 'minted', 'unknown'), keyIsOpen },\n    becomes: vended,\n  }),\n  discardKey",
  ),
  mutant(
    'the key that somebody decided about',
    'work?.keyId === undefined || work.keyId === keyId;',
    'work?.keyId !== keyId || work.keyId === keyId;',
  ),
  mutant(
    'the sweep of what a compensated attempt stores late',
    'swept(failed(row, { problem: problemOfWork(row), stored }, at), at),',
    'failed(row, { problem: problemOfWork(row), stored }, at),',
  ),
  mutant(
    'the end of an overlap before the old secret expires',
    'Math.min(now + overlapMs, expiresOn ?? Number.POSITIVE_INFINITY)',
    'now + overlapMs',
  ),
  mutant(
    'the revocation at expiry',
    "row.grant.revokeAtExpiry ? { ...noted, revocation: { since: now, by: 'expiry' } } : noted;",
    'noted;',
  ),
  mutant(
    'the urgency where readers have no secret',
    '...(((isRotation && stored && isNewest) || row.failure?.urgent) && { urgent: true }),',
    '',
  ),
  mutant(
    'closing a revocation only once the vault was asked',
    'row.revocation?.checkedAt !== undefined && isIdle',
    'row.revocation !== undefined && isIdle',
  ),
  mutant(
    'freeing the name only once nothing is left',
    'return isIdle(stamped(row)) ? nameless : row;',
    'return row.work === undefined ? nameless : row;',
  ),
  mutant('the retention', 'now >= since + timings.retentionMs;', 'now >= since;'),
  mutant(
    'keeping a credential until it is swept',
    'if (!isIdle(row) || sweepAt !== undefined) return false;',
    'if (!isIdle(row) || sweepAt === -1) return false;',
  ),
  mutant(
    'the delay of what a review could not decide',
    'date.at <= retry.lookedAt ? { ...date, at: retry.nextAt } : date;',
    'date.at <= retry.lookedAt ? date : date;',
  ),
  mutant('the source of an event in its idempotency key', 'return [key.source, key.id];', 'return [key.id];'),
  mutant('two minutes of propagation', 'PROPAGATION_MS = 2 * 60_000;', 'PROPAGATION_MS = 20_000;'),
  mutant('two minutes between clocks', 'CLOCK_SKEW_MS = 2 * 60_000;', 'CLOCK_SKEW_MS = 0;'),
  mutant(
    'two living keys at most while the deletion of the first is not proven',
    'noPrevious = ({ previous }: Credential): boolean => previous === undefined;',
    'noPrevious = ({ previous }: Credential, _?: unknown, at?: Moment): boolean => previous === undefined || (at?.now ?? 0) >= previous.revokeAt;',
  ),
  mutant(
    'keeping a credential while an earlier key lives',
    'if (!isIdle(row) || sweepAt !== undefined) return false;',
    'if (!isIdle({ ...row, previous: undefined }) || sweepAt !== undefined) return false;',
  ),
  mutant(
    'no date for forgetting while an earlier key lives',
    'if (!isIdle(row) || (revocation',
    'if (!isIdle({ ...row, previous: undefined }) || (revocation',
  ),
];
