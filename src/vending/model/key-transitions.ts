import {
  hasCurrent,
  isPrevious,
  isRevoked,
  noRevocation,
  nothingIsLeft,
  overlapIsOver,
  sweepIsDue,
} from './conditions.ts';
import { isIdle } from './credential.ts';
import { existing, swept, takenUp, withoutKeys } from './row-parts.ts';
import { ANYONE, type FoundKey, RECONCILER, step } from './transition.ts';

/** The life of keys after they were vended. */
export const KEY_TRANSITIONS = {
  // the end of the overlap
  endOverlapNow: step<{ readonly keyId: string }>({
    when: 'a caller or an operator ends the overlap of the key that they name',
    by: ['worker', 'operator'],
    requires: { isPrevious },
    becomes: (from, _, { now }) => {
      const row = existing(from);
      const { previous } = row;
      // `revokeAt` is never moved later.
      return previous === undefined
        ? row
        : { ...row, previous: { ...previous, revokeAt: Math.min(previous.revokeAt, now) } };
    },
  }),
  recordOverlapEnded: step<{ readonly keyId: string }>({
    when: 'the overlap is over, the key is proven gone, and its version is disabled',
    by: ANYONE,
    requires: { isPrevious, overlapIsOver },
    becomes: (row, { keyId }, at) => swept(withoutKeys(row, [keyId]), at),
  }),

  // revocation
  revoke: step<{ readonly by: string }>({
    when: 'a caller, an operator or an expiry revokes the credential',
    by: ANYONE,
    requires: { noRevocation },
    becomes: (row, { by }, { now }) => ({ ...existing(row), revocation: { since: now, by } }),
  }),
  recordRevoked: step<{ readonly keyIds: readonly string[]; readonly checked: boolean }>({
    when: 'keys of a revoked credential are proven gone, and their versions are disabled',
    by: ANYONE,
    requires: {
      isRevoked,
      checkedLast: (row, { keyIds, checked }) => !checked || isIdle(withoutKeys(row, keyIds)),
    },
    becomes: (from, { keyIds, checked }, at) => {
      const row = withoutKeys(from, keyIds);
      const { revocation } = row;
      const next = swept(row, at);
      return checked && revocation !== undefined ? { ...next, revocation: { ...revocation, checkedAt: at.now } } : next;
    },
  }),
  takeUpFoundKey: step<FoundKey>({
    when: 'the vault names a living key with a marker of this credential that the row does not name',
    by: ANYONE,
    requires: { isRevoked, nothingIsLeft },
    becomes: takenUp,
  }),

  // dates that were acted on, and reviews that decided nothing
  noteExpiry: step<object>({
    when: 'the secret of current has expired',
    by: RECONCILER,
    requires: {
      noRevocation,
      isExpired: ({ current }, _, { now }) =>
        current?.expiresOn !== undefined && current.expiryNotedAt === undefined && now >= current.expiresOn,
    },
    becomes: (from, _, { now }) => {
      const row = existing(from);
      const { current } = row;
      if (current === undefined) return row;
      const noted = { ...row, current: { ...current, expiryNotedAt: now } };
      return row.grant.revokeAtExpiry ? { ...noted, revocation: { since: now, by: 'expiry' } } : noted;
    },
  }),
  noteRotationAsked: step<{ readonly suspended: boolean }>({
    when: 'the rotation that is due was asked for, or policy no longer grants it',
    by: RECONCILER,
    isBookkeeping: true,
    requires: { hasCurrent, noRevocation },
    becomes: (from, { suspended }, { now }) => {
      const row = existing(from);
      if (row.current === undefined) return row;
      const { rotationSuspended: _, ...current } = row.current;
      return { ...row, current: { ...current, rotationAskedAt: now, ...(suspended && { rotationSuspended: true }) } };
    },
  }),
  scheduleRotation: step<{ readonly keyId: string; readonly since: number }>({
    when: 'an operator wants the keys of many credentials rotated',
    by: ['reconciler', 'operator'],
    requires: {
      noRevocation,
      isCurrent: ({ current }, { keyId }) => current?.key.id === keyId,
      // A rotation that fell due since then is asked for anyway.
      isNotDueSince: ({ current }, { since }, { now }) =>
        current?.rotateAt === undefined || current.rotateAt < since || current.rotateAt > now,
    },
    becomes: (from, _, { now }) => {
      const row = existing(from);
      if (row.current === undefined) return row;
      const { rotationAskedAt: _asked, rotationSuspended: _suspended, ...current } = row.current;
      return { ...row, current: { ...current, rotateAt: now } };
    },
  }),
  recordSwept: step<object>({
    when: 'nothing that was stored late is enabled any more',
    by: RECONCILER,
    isBookkeeping: true,
    requires: { sweepIsDue },
    becomes: (from) => {
      const { sweepAt: _, ...row } = existing(from);
      return row;
    },
  }),
  recordReadersLost: step<object>({
    when: 'the sweep disabled the newest version, so readers have no secret until the next rotation',
    by: RECONCILER,
    requires: { sweepIsDue, hasCurrent, noRevocation },
    becomes: (from, _, { now }) => {
      const { sweepAt: __, ...row } = existing(from);
      const streak = row.failure?.streak ?? 1;
      const problem = {
        type: 'not-yet-confirmed',
        detail: 'A secret that was stored late had to be disabled.',
      } as const;
      return { ...row, failure: { problem, retryAt: now, since: now, streak, forRotation: true, urgent: true } };
    },
  }),
  backOff: step<{ readonly nextAt: number; readonly since: number }>({
    when: 'a review decided nothing',
    by: ANYONE,
    isBookkeeping: true,
    requires: {},
    becomes: (row, { nextAt, since }, { now }) => ({ ...existing(row), retry: { since, lookedAt: now, nextAt } }),
  }),
} as const;
