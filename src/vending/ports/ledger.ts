import type { Credential } from '../model/credential.ts';
import type { Row, RowKind, RowOf } from '../model/rows.ts';
import type { UpstreamTrace } from '../model/tracing.ts';

/** A credential as it was read, with the token that a commit on it needs. */
export interface Stored {
  readonly credential: Credential;
  readonly etag: string;
}

/**
 * One transaction: all of it takes effect, or nothing. At most 100 rows, each of them once.
 *
 * The credential is guarded by its ETag. Nothing else is, so what is put or removed beside it must follow from it.
 */
export type Commit = RowChanges | CredentialRemoval;

export interface RowChanges {
  /** Absent where only rows beside credentials are cleaned up. */
  readonly credential?:
    | { readonly action: 'insert'; readonly value: Credential }
    | { readonly action: 'replace'; readonly value: Credential; readonly etag: string };
  /** Rows that must not exist yet. */
  readonly insert?: readonly Row[];
  /** Rows that replace whatever is there. */
  readonly put?: readonly Row[];
  /** Keys of rows. One that is missing does not stop the rest. */
  readonly remove?: readonly string[];
}

/** A credential is removed alone, after what hangs on it. One that is missing counts as removed. */
export interface CredentialRemoval {
  readonly credential: { readonly action: 'remove'; readonly id: string; readonly etag: string };
  readonly insert?: never;
  readonly put?: never;
  readonly remove?: never;
}

export type CommitOutcome =
  /** `etag`: the credential's new one; empty where the commit wrote no credential. */
  | { readonly kind: 'committed'; readonly etag: string }
  /** Nothing took effect now. `row`: of the first row that stood in the way. An earlier try of the same call may be what did. */
  | { readonly kind: 'conflict'; readonly row: RowKind }
  /** It may have taken effect, or may yet: the client repeats what was not answered, so no status of the last try proves anything. */
  | { readonly kind: 'unreachable'; readonly upstream: UpstreamTrace };

export type ReadOutcome<Value> =
  | { readonly kind: 'found'; readonly value: Value; readonly etag: string }
  | { readonly kind: 'absent' }
  /** The row is there, and this version cannot read it. */
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'unreachable'; readonly upstream: UpstreamTrace };

/** Rows of one kind in the order of their keys. */
export interface ListQuery<Kind extends RowKind> {
  readonly kind: Kind;
  /** Only rows whose key goes on with these parts. */
  readonly within?: readonly string[];
  /** Only rows whose key, after its kind, is below this. */
  readonly before?: string;
  /** `next` of an earlier page. */
  readonly from?: string | undefined;
  readonly limit: number;
}

export type ListOutcome<Value> =
  | {
      readonly kind: 'listed';
      readonly rows: readonly { readonly key: string; readonly value: Value }[];
      /** Keys of rows that this version cannot read. */
      readonly unreadable: readonly string[];
      /** Absent: there are no more. */
      readonly next?: string;
    }
  | { readonly kind: 'unreachable'; readonly upstream: UpstreamTrace };

/** The ledger: one partition of rows. No method throws. */
export interface Ledger {
  read<Kind extends RowKind>(kind: Kind, ...key: readonly string[]): Promise<ReadOutcome<RowOf<Kind>>>;
  commit(commit: Commit): Promise<CommitOutcome>;
  list<Kind extends RowKind>(query: ListQuery<Kind>): Promise<ListOutcome<RowOf<Kind>>>;
  /** Due rows that are due before `before` (milliseconds since the epoch), in the order in which they fall due. */
  listDue(query: {
    readonly kind: 'due' | 'prune';
    readonly before: number;
    readonly from?: string | undefined;
    readonly limit: number;
  }): Promise<ListOutcome<RowOf<'due'>>>;
  /** For readiness. */
  ping(): Promise<boolean>;
}
