import { type AttemptName, type Credential, type CredentialGrant, isIdle, type SecretReference } from './credential.ts';
import { isDelayed } from './due.ts';
import type { ProblemSummary } from './problems.ts';
import type { KeyRecord } from './resources.ts';
import type { Moment } from './timings.ts';

/** What a claim is made of. The plan decides all of it before anything happens. */
export interface Claim {
  readonly nonce: string;
  readonly claimId: string;
  readonly leaseUntil: number;
  readonly expiresOn?: number | undefined;
  readonly grant: CredentialGrant;
}

export type CredentialDraft = Pick<
  Credential,
  | 'id'
  | 'caller'
  | 'requestHash'
  | 'target'
  | 'name'
  | 'description'
  | 'vaultUrl'
  | 'secretName'
  | 'secretFormat'
  | 'validForMs'
  | 'grant'
>;

export interface FirstClaim extends Claim {
  readonly draft: CredentialDraft;
}

export interface RotationClaim extends Claim {
  readonly requestKey: string;
  readonly overlapMs: number;
}

/** Names the attempt that a change is about. */
export interface OfAttempt {
  readonly attempt: AttemptName;
}

export interface Vended {
  readonly attempt: AttemptName;
  readonly keyId: string;
  readonly key: KeyRecord;
  readonly secret: SecretReference;
}

export interface ToCompensate {
  readonly attempt: AttemptName;
  readonly keyId: string;
  /** The version that holds its secret, if its id is known. */
  readonly secret?: SecretReference | undefined;
  readonly problem: ProblemSummary;
}

export interface Ended {
  readonly problem: ProblemSummary;
  readonly retryAfterMs?: number | undefined;
  /** The vault got a secret of the attempt. */
  readonly stored?: boolean | undefined;
}

/** A living key with the marker of its attempt, and the version that its secret is in. */
export interface RecoveredKey extends AttemptName {
  readonly key: KeyRecord;
  readonly secret: SecretReference;
  /** When the version was stored. */
  readonly vendedAt: number;
  /** When the version expires. */
  readonly expiresOn?: number | undefined;
}

/** A credential whose row the ledger lost, as vault, Confluent and policy describe it. */
export interface Recovery {
  readonly draft: CredentialDraft;
  readonly createdAt: number;
  /** The latest number that a living key has. */
  readonly attempts: number;
  readonly current: RecoveredKey;
  readonly previous?: RecoveredKey | undefined;
}

/** An attempt that the row had closed, or that the ledger forgot, and whose key is alive. */
export interface FoundKey extends ToCompensate {
  readonly claimId: string;
}

/** Who commits. */
export type Party = 'worker' | 'reconciler' | 'operator';

/** A row before the commit stamps it. */
export type Unstamped = Omit<Credential, 'sequence' | 'writeId'>;

type Condition<Input> = (row: Credential, input: Input, at: Moment) => boolean;

/**
 * One row of the table: who may make which change of a credential, and when. Every commit applies one of them to the row
 * that its ETag belongs to, so the ledger cannot hold a state that the table does not allow.
 */
export interface Transition<Input> {
  readonly when: string;
  readonly by: readonly Party[];
  /** All of them must hold. The model in `test/model` shows what breaks without each. */
  readonly requires: Readonly<Record<string, Condition<Input>>>;
  /** It may find no row: a first claim, and a row that was lost. */
  readonly isFirst?: true;
  /** It changes no key and no secret, so what a review delayed stays delayed. */
  readonly isBookkeeping?: true;
  becomes(row: Credential | undefined, input: Input, at: Moment): Unstamped;
}

export type Applied =
  | { readonly kind: 'allowed'; readonly row: Unstamped }
  | { readonly kind: 'refused'; readonly condition: string };

/** @param without conditions that the model leaves out, to see what breaks. */
export function apply<Input>(
  transition: Transition<Input>,
  row: Credential | undefined,
  input: Input,
  at: Moment & { readonly by: Party },
  without: ReadonlySet<string> = new Set(),
): Applied {
  if (!transition.by.includes(at.by)) return { kind: 'refused', condition: 'party' };
  if (row === undefined && transition.isFirst !== true) return { kind: 'refused', condition: 'exists' };
  if (row !== undefined) {
    for (const [name, holds] of Object.entries(transition.requires))
      if (!without.has(name) && !holds(row, input, at)) return { kind: 'refused', condition: name };
  }
  const next = transition.becomes(row, input, at);
  const kept = transition.isBookkeeping === true && isDelayed(stamped(next), at) ? next : withoutRetry(next);
  return { kind: 'allowed', row: withClosed(withName(kept), at) };
}

function withoutRetry({ retry: _, ...row }: Unstamped): Unstamped {
  return row;
}

/** A revocation is closed by the commit after which nothing is left, whichever that is. */
function withClosed(row: Unstamped, at: Moment): Unstamped {
  const { closed, ...open } = row;
  const isOver = row.revocation?.checkedAt !== undefined && isIdle(stamped(row));
  if (!isOver) return open;
  return closed === undefined ? { ...open, closed: { since: at.now } } : row;
}

/** The name is free again once the credential has neither a key nor an attempt. */
function withName(row: Unstamped): Unstamped {
  const { holdsName: _, ...nameless } = row;
  return isIdle(stamped(row)) ? nameless : row;
}

const stamped = (row: Unstamped): Credential => ({ ...row, sequence: 1, writeId: '' });

/** When versions are swept that may land late. */
export const sweepTime = ({ sweepAt = 0 }: Pick<Credential, 'sweepAt'>, { now, timings }: Moment): number =>
  Math.max(sweepAt, now + timings.leaseMs + timings.settleMs);

/** Keeps the type of the input. */
export const step = <Input>(transition: Transition<Input>): Transition<Input> => transition;

export const WORKER: readonly Party[] = ['worker'];
export const RECONCILER: readonly Party[] = ['reconciler'];
export const OPERATOR: readonly Party[] = ['operator'];
export const ANYONE: readonly Party[] = ['worker', 'reconciler', 'operator'];
