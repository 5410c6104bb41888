import type { KeyRecord } from './model/key-record.ts';
import type { ProblemSummary } from './model/problems.ts';
import type { Target } from './model/target.ts';
import type { SecretFormat } from './request/request.ts';

/** Where a vended secret is. */
export interface SecretReference {
  readonly id: string;
  readonly version: string;
}

/**
 * The states of DESIGN section 5. Times are milliseconds since the epoch.
 *
 * `failed` means proven: no key of this intent is live. `unknown` means that a key may live under the attempt's marker.
 */
export type IntentState =
  | { readonly kind: 'minting'; readonly leaseUntil: number }
  | { readonly kind: 'minted'; readonly leaseUntil: number; readonly key: KeyRecord }
  | {
      readonly kind: 'vended';
      readonly key: KeyRecord;
      readonly secret: SecretReference;
      /** When it falls due for rotation; absent: nobody rotates it unasked. */
      readonly rotateAt?: number;
    }
  | {
      readonly kind: 'compensating';
      readonly key: KeyRecord;
      readonly problem: ProblemSummary;
      /** When it was decided; at or after the mint. */
      readonly since: number;
    }
  | {
      readonly kind: 'failed';
      readonly problem: ProblemSummary;
      readonly retryAt: number;
      readonly since: number;
      /** When what a store may have landed late goes out of force; absent: nothing can. */
      readonly sweepAt?: number;
    }
  | { readonly kind: 'unknown'; readonly leaseUntil: number; readonly keyId?: string }
  | {
      readonly kind: 'superseded';
      readonly key: KeyRecord;
      readonly secret: SecretReference;
      /** Intent id of the rotation that took its place. */
      readonly successor: string;
      /** When the overlap ends. */
      readonly revokeAt: number;
    }
  | {
      readonly kind: 'revoking';
      readonly key: KeyRecord;
      readonly secret: SecretReference;
      /** When it was decided. */
      readonly since: number;
      readonly successor?: string;
    }
  | {
      readonly kind: 'revoked';
      readonly secret: SecretReference;
      readonly since: number;
      readonly successor?: string;
      /** As in `failed`. */
      readonly sweepAt?: number;
    };

/** An event that is recorded with its change of state, and not yet told. */
export type PendingEvent = {
  /** Of the write: the same whenever it is told. */
  readonly id: string;
  readonly at: number;
  readonly attempt: number;
} & (
  | { readonly kind: 'vended' | 'rotated' | 'revoked'; readonly apiKeyId: string; readonly secretId: string }
  | { readonly kind: 'orphaned'; readonly apiKeyId?: string }
  | { readonly kind: 'failed'; readonly problem: ProblemSummary['type'] }
);

export interface Supersession {
  readonly intentId: string;
  readonly overlapMs: number;
}

/** A due time that never comes: an unknown intent, put out of the reconciler's way for an operator to see. */
export const PARKED_AT = Date.parse('9999-12-31T00:00:00Z');

export type IntentStateKind = IntentState['kind'];

export const INTENT_STATES = [
  'minting',
  'minted',
  'vended',
  'compensating',
  'failed',
  'unknown',
  'superseded',
  'revoking',
  'revoked',
] as const satisfies readonly IntentStateKind[];

/** The ledger's record of one request of one caller: the resolved request, and how far it came. */
export interface Intent {
  readonly id: string;
  readonly caller: string;
  /** SHA-256 of the validated request as the caller sent it, before defaults. */
  readonly requestHash: string;
  readonly target: Target;
  readonly name: string;
  readonly description?: string;
  readonly vaultUrl: string;
  readonly secretName: string;
  readonly secretFormat: SecretFormat;
  /** ISO 8601, resolved when the attempt was claimed. */
  readonly expiresOn?: string;
  /** How long a secret holds, in milliseconds: a rotation's holds as long again. */
  readonly validForMs?: number;
  /** The policy rule that granted it: whether and how it is rotated or revoked goes by that rule as it then is. */
  readonly rule: string;
  /** How long after it was vended the key is rotated unasked; what policy said when it was claimed. */
  readonly rotateEveryMs?: number;
  /** Of a rotation: whose key it replaces, and how long that one lives on. */
  readonly supersedes?: Supersession;
  readonly createdAt: number;
  /** 1 for the first try at minting. */
  readonly attempt: number;
  readonly state: IntentState;
  /** When the reconciler has to look at this row; names the due row. */
  readonly dueAt: number;
  /** Key ids of earlier attempts. */
  readonly earlierKeys: readonly string[];
  /** Oldest first; absent where there is none. */
  readonly outbox?: readonly PendingEvent[];
  /** Of the write that made this row: how a writer recognises its own unanswered compare-and-set. */
  readonly writeId: string;
}
