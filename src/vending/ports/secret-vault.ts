import type { UpstreamTrace } from '../model/upstream.ts';
import type { Secret } from '../secret/secret.ts';

export interface SecretToStore {
  readonly vaultUrl: string;
  readonly name: string;
  readonly value: Secret;
  readonly contentType: string;
  readonly expiresOn?: Date;
  /** At most 15, values at most 256 characters; `vend-intent`, `vend-attempt` and `vend-key` are how versions are found again. */
  readonly tags: Readonly<Record<string, string>>;
}

export interface StoredVersion {
  /** Full identifier, `https://<vault>/secrets/<name>/<version>`. */
  readonly id: string;
  readonly version: string;
}

export interface TaggedVersion extends StoredVersion {
  readonly enabled: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

export interface VersionFilter {
  readonly vaultUrl: string;
  readonly name: string;
  readonly intentId: string;
  readonly attempt: number;
  /** Those of earlier attempts too: one look at the name, however many there were. */
  readonly orEarlier?: true;
}

/** `refused`: no try of the PUT can have taken effect. `ambiguous`: one of them may have, or may yet. */
export type StoreOutcome =
  | { readonly kind: 'stored'; readonly stored: StoredVersion; readonly upstream: UpstreamTrace }
  | { readonly kind: 'refused' | 'ambiguous'; readonly upstream: UpstreamTrace };

export type WritableOutcome =
  | { readonly kind: 'writable' }
  | { readonly kind: 'not-writable'; readonly upstream: UpstreamTrace };

export type NameOutcome =
  | { readonly kind: 'free' | 'soft-deleted' }
  | { readonly kind: 'in-use'; readonly tags: Readonly<Record<string, string>> }
  | { readonly kind: 'unavailable'; readonly upstream: UpstreamTrace };

export type FindOutcome =
  | { readonly kind: 'listed'; readonly versions: readonly TaggedVersion[] }
  | { readonly kind: 'unavailable'; readonly upstream: UpstreamTrace };

export type DisableOutcome =
  | { readonly kind: 'disabled' }
  | { readonly kind: 'unavailable'; readonly upstream: UpstreamTrace };

/** Key Vault, written to and never read from. No method throws. */
export interface SecretVault {
  /** True proof: a write within the last minute, or one now (an update of a probe secret's tags). */
  proveWritable(vaultUrl: string): Promise<WritableOutcome>;
  /** What a name is today: the newest version's tags, never its value. */
  lookUpName(vaultUrl: string, name: string): Promise<NameOutcome>;
  /** Answers within `deadlineMs`. */
  store(secret: SecretToStore, deadlineMs: number): Promise<StoreOutcome>;
  /** Versions whose tags name the intent and the attempt, enabled or not, newest first. A failed look-up is never "none". */
  findVersions(filter: VersionFilter): Promise<FindOutcome>;
  disableVersion(vaultUrl: string, name: string, version: string): Promise<DisableOutcome>;
}
