import type { KeyRecord } from './key-record.ts';
import type { ProblemSummary } from './problems.ts';
import type { SecretFormat } from './request.ts';
import type { Target } from './target.ts';

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
  | { readonly kind: 'vended'; readonly key: KeyRecord; readonly secret: SecretReference }
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
  | { readonly kind: 'unknown'; readonly leaseUntil: number; readonly keyId?: string };

/** A due time that never comes: an unknown intent, put out of the reconciler's way for an operator to see. */
export const PARKED_AT = Date.parse('9999-12-31T00:00:00Z');

export type IntentStateKind = IntentState['kind'];

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
  readonly createdAt: number;
  /** 1 for the first try at minting. */
  readonly attempt: number;
  readonly state: IntentState;
  /** When the reconciler has to look at this row; names the due row. */
  readonly dueAt: number;
  /** Key ids of earlier attempts. */
  readonly earlierKeys: readonly string[];
  /** Of the write that made this row: how a writer recognises its own unanswered compare-and-set. */
  readonly writeId: string;
}
