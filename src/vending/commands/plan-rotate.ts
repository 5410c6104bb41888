import type { Authority } from '../model/caller.ts';
import type { Credential } from '../model/credential.ts';
import { markerOf } from '../model/idempotency.ts';
import {
  IN_PROGRESS,
  invalidField,
  outcomeUnknown,
  PAUSED,
  type Problem,
  problemOf,
  REVOKED,
} from '../model/problems.ts';
import { rotationTime } from '../model/row-parts.ts';
import { iso } from '../model/timings.ts';
import type { RotationClaim } from '../model/transitions.ts';
import { decide, type Grant, type VendSettings } from '../policy/policy.ts';
import { rotationGrantOf } from '../review/rotation.ts';
import { expiryOf, termsOf } from './plan-vend.ts';

export interface RotateCommand {
  readonly authority: Authority;
  readonly id: string;
  /** Names the rotation within its credential. */
  readonly requestKey: string;
  /** Of what was asked for. */
  readonly requestHash: string;
  readonly replaces?: string | undefined;
  /** Milliseconds. Absent: as policy says. */
  readonly overlapMs?: number | undefined;
}

export type RotationPlan =
  | { readonly kind: 'refuse'; readonly problem: Problem }
  /** The key of an earlier attempt has to be deleted first. */
  | { readonly kind: 'compensate' }
  | {
      readonly kind: 'attempt';
      readonly grant: Grant;
      readonly claim: Pick<RotationClaim, 'requestKey' | 'overlapMs' | 'grant' | 'expiresOn'>;
    };

/** The plan for a rotation of this row. Pure, like the plan of a vend. */
export function planRotate(settings: VendSettings, command: RotateCommand, row: Credential, now: number): RotationPlan {
  const obstacle = obstacleIn(row, command, now);
  if (obstacle !== undefined) return refuse(obstacle);
  if (row.work?.phase === 'compensating') return { kind: 'compensate' };
  const granted = grantFor(settings, command, row);
  if ('problem' in granted) return refuse(granted.problem);
  const { grant } = granted;
  const expiresOn = expiryOf(validityOf(row, grant), now);
  if (expiresOn === 'too-late') return refuse(TOO_LATE);
  const rotateAt = rotationTime(now, grant, expiresOn) ?? Number.POSITIVE_INFINITY;
  const overlap = chooseOverlap(grant, command, rotateAt - now);
  if ('problem' in overlap) return refuse(overlap.problem);
  const { failure } = row;
  const wait = (failure?.retryAt ?? 0) - now;
  if (settings.mode !== 'normal') return refuse(PAUSED);
  if (failure !== undefined && wait > 0) return refuse({ ...failure.problem, retryAfterMs: wait });
  const { requestKey } = command;
  const claim = { requestKey, ...overlap, grant: termsOf(grant), ...(expiresOn !== undefined && { expiresOn }) };
  return { kind: 'attempt', grant, claim };
}

/** The obstacle to a rotation that the row itself shows. */
function obstacleIn(row: Credential, { replaces }: RotateCommand, now: number): Problem | undefined {
  const { current, previous, work, revocation } = row;
  if (revocation !== undefined) return REVOKED;
  if (work?.phase === 'compensating') return undefined;
  if (work?.phase === 'unknown') return outcomeUnknown(markerOf(row.id, work));
  if (work !== undefined) return IN_PROGRESS;
  if (current === undefined) return NO_KEY;
  if (replaces !== undefined && replaces !== current.key.id) return alreadyRotated(current.key.id);
  return previous === undefined ? undefined : tooSoon(previous.revokeAt, now);
}

/** A secret is valid as long as the first one was asked to be, within what policy allows today. */
const validityOf = ({ validForMs }: Credential, { maxValidForMs }: Grant): number | undefined =>
  validForMs === undefined || maxValidForMs === undefined
    ? (validForMs ?? maxValidForMs)
    : Math.min(validForMs, maxValidForMs);

type Granted = { readonly grant: Grant } | { readonly problem: Problem };

/** The rule that granted the credential still has to, for the same vault and name. A caller needs a right to a new key too. */
function grantFor(settings: VendSettings, { authority }: RotateCommand, row: Credential): Granted {
  const isOwner = authority.kind === 'caller' && authority.caller.id === row.caller;
  if (isOwner && decide(settings.policy, authority.caller, row.target).kind === 'denied') return { problem: FORBIDDEN };
  const granted = rotationGrantOf(settings, row);
  if (granted.kind === 'granted') return granted;
  return { problem: granted.for === 'rule' ? FORBIDDEN : OTHER_PLACE };
}

/**
 * There are two keys at most, so an overlap that outlasts the time to the next rotation delays it. The overlap after that ends
 * with the old secret: it may last for minutes, or not at all.
 */
function chooseOverlap(
  { overlapMs, minOverlapMs, maxOverlapMs }: Grant,
  { overlapMs: asked, authority }: RotateCommand,
  untilNextMs: number,
): { readonly overlapMs: number } | { readonly problem: Problem } {
  if (asked === undefined) return { overlapMs: Math.min(overlapMs, untilNextMs) };
  const shortest = authority.kind === 'operator' ? 0 : minOverlapMs;
  if (asked < shortest) return { problem: TOO_SHORT };
  if (asked > maxOverlapMs) return { problem: TOO_LONG };
  return asked >= untilNextMs ? { problem: LONGER_THAN_INTERVAL } : { overlapMs: asked };
}

const refuse = (problem: Problem): RotationPlan => ({ kind: 'refuse', problem });

const NO_KEY = problemOf('not-rotatable', 'This credential has no key that could be rotated.');
const FORBIDDEN = problemOf('forbidden', 'The policy no longer grants what this credential was vended under.');
const OTHER_PLACE = problemOf(
  'forbidden',
  'The policy no longer allows the vault or the secret name of this credential; vend a new one and revoke this one.',
);
const alreadyRotated = (keyId: string): Problem =>
  problemOf('already-rotated', `The key that replaces names is no longer current; the current key is ${keyId}.`);
const tooSoon = (revokeAt: number, now: number): Problem =>
  problemOf(
    'rotation-too-soon',
    `The previous key still lives, and there are two at most; not before ${iso(revokeAt)}.`,
    Math.max(revokeAt - now, 60_000),
  );
const TOO_SHORT = invalidField('/overlap', 'must be at least PT24H: Key Vault references are cached that long');
const TOO_LONG = invalidField('/overlap', 'is longer than policy allows');
const LONGER_THAN_INTERVAL = invalidField(
  '/overlap',
  'must be shorter than the time after which the new key is rotated, by policy or before its secret expires',
);
const TOO_LATE = problemOf(
  'not-rotatable',
  'The new secret would expire after 2038-01-19, the latest expiry that can be stored.',
);
