import type { Intent } from '../intent.ts';
import type { UpstreamTrace } from '../model/upstream.ts';

/** A row as it was read, with the token that a compare-and-set on it needs. */
export interface LedgerRow {
  readonly intent: Intent;
  readonly etag: string;
}

/** The code of a row that is there and that this version cannot read. */
export const MALFORMED_ROW = 'MalformedRow';

export type ReadOutcome =
  | { readonly kind: 'found'; readonly row: LedgerRow }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreachable'; readonly upstream: UpstreamTrace };

/** `conflict`: somebody else wrote (or an earlier try of ours did). `unreachable`: it may have taken effect, or may yet. */
export type WriteOutcome =
  | { readonly kind: 'written'; readonly row: LedgerRow }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'unreachable'; readonly upstream: UpstreamTrace };

export type NameClaimOutcome =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'held'; readonly intentId: string }
  | { readonly kind: 'unreachable'; readonly upstream: UpstreamTrace };

export type NoteOutcome =
  | { readonly kind: 'noted' }
  | { readonly kind: 'unreachable'; readonly upstream: UpstreamTrace };

/** A secret name that an intent claimed; kept with its due row, so that the claim is released if the intent never comes. */
export interface NameClaim {
  readonly vaultUrl: string;
  readonly secretName: string;
}

export interface DueRow {
  readonly intentId: string;
  readonly at: Date;
  readonly claim?: NameClaim;
}

export type ListDueOutcome =
  | { readonly kind: 'listed'; readonly rows: readonly DueRow[]; readonly next?: string }
  | { readonly kind: 'unreachable'; readonly upstream: UpstreamTrace };

/** The ledger of intents. No method throws. */
export interface Ledger {
  read(intentId: string): Promise<ReadOutcome>;
  /** Insert if absent. */
  insert(intent: Intent): Promise<WriteOutcome>;
  /** Replace if the row's ETag is still `etag`. */
  replace(intent: Intent, etag: string): Promise<WriteOutcome>;
  /** Partition `due`, row `<time>_<intentId>`: the reconciler's index of what to look at, and when. */
  noteDue(row: DueRow): Promise<NoteOutcome>;
  /** Best effort; a stale due row is tolerated. */
  clearDue(intentId: string, at: Date): Promise<NoteOutcome>;
  /** Due rows in the order in which they fall due, one page; `before` leaves out what is not due yet. */
  listDue(page: { readonly limit: number; readonly before?: Date; readonly from?: string }): Promise<ListDueOutcome>;
  /** Deletes a closed intent if the row's ETag is still `etag`. */
  remove(intentId: string, etag: string): Promise<WriteOutcome['kind']>;
  /** `(vault, lower-case name)` → intent, first writer wins; claimed again by the same intent it answers `claimed`. */
  claimName(claim: NameClaim, intentId: string): Promise<NameClaimOutcome>;
  /**
   * Gives the name up if this intent holds it and `isOrphan` still says so after the claim was read: a claim that the
   * intent renewed meanwhile stays.
   */
  releaseName(claim: NameClaim, intentId: string, isOrphan: () => Promise<boolean>): Promise<NoteOutcome>;
  /** For readiness. */
  ping(): Promise<NoteOutcome>;
}
