import type { UpstreamTrace } from '../model/tracing.ts';
import type { Secret } from '../secret/secret.ts';

export interface SecretToStore {
  readonly vaultUrl: string;
  readonly name: string;
  readonly value: Secret;
  readonly contentType: string;
  readonly expiresOn?: Date;
  /** At most 15, values of at most 256 characters. */
  readonly tags: Readonly<Record<string, string>>;
}

export interface StoredVersion {
  /** Full identifier, `https://<vault>/secrets/<name>/<version>`. */
  readonly id: string;
  readonly version: string;
}

export interface VersionMetadata extends StoredVersion {
  readonly enabled: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly contentType?: string;
  /** Milliseconds since the epoch; Key Vault counts in seconds. */
  readonly createdAt: number;
  /** Likewise. */
  readonly expiresAt?: number;
}

/**
 * - `refused`: the PUT had no effect. `soft-deleted`: a deleted secret holds the name. `transient`: another try may be
 *   accepted. `denied`: the vault takes other writes, and not this one.
 * - `ambiguous`: the PUT may have taken effect, or may yet.
 */
export type StoreOutcome =
  | { readonly kind: 'stored'; readonly stored: StoredVersion; readonly upstream: UpstreamTrace }
  | {
      readonly kind: 'refused';
      readonly reason: 'soft-deleted' | 'transient' | 'denied';
      readonly upstream: UpstreamTrace;
    }
  | { readonly kind: 'ambiguous'; readonly upstream: UpstreamTrace };

export type WritableOutcome =
  | { readonly kind: 'writable' }
  | { readonly kind: 'not-writable'; readonly upstream: UpstreamTrace };

/** `free`: the name does not exist, or every version of it is disabled. */
export type NameOutcome =
  | { readonly kind: 'free' | 'in-use' | 'soft-deleted' }
  | { readonly kind: 'unavailable'; readonly upstream: UpstreamTrace };

export type ListVersionsOutcome =
  | { readonly kind: 'listed'; readonly versions: readonly VersionMetadata[] }
  | { readonly kind: 'unavailable'; readonly upstream: UpstreamTrace };

export type ListNamesOutcome =
  | { readonly kind: 'listed'; readonly names: readonly string[] }
  | { readonly kind: 'unavailable'; readonly upstream: UpstreamTrace };

export type DisableOutcome =
  | { readonly kind: 'disabled' }
  | { readonly kind: 'unavailable'; readonly upstream: UpstreamTrace };

/** Key Vault, written to and never read from. No method throws. */
export interface SecretVault {
  /** Says whether a write was accepted within the last minute. Asks nobody. */
  isProvenWritable(vaultUrl: string): boolean;
  /** True proof: a write within the last minute, or one now (an update of a probe secret's tags). */
  proveWritable(vaultUrl: string): Promise<WritableOutcome>;
  lookUpName(vaultUrl: string, name: string): Promise<NameOutcome>;
  /** Sends the PUT once. It is repeated only after an answer that proves that it did nothing. Answers within `deadlineMs`. */
  store(secret: SecretToStore, deadlineMs: number): Promise<StoreOutcome>;
  /** Metadata of every version of a name, newest first. A failed look-up is never "none". */
  listVersions(vaultUrl: string, name: string): Promise<ListVersionsOutcome>;
  /** Names of all secrets of a vault, in no order. */
  listNames(vaultUrl: string): Promise<ListNamesOutcome>;
  /** A version that does not exist counts as disabled. */
  disableVersion(vaultUrl: string, name: string, version: string): Promise<DisableOutcome>;
}
