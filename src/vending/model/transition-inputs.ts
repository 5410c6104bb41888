import type { AttemptName, Credential, CredentialGrant, SecretReference } from './credential.ts';
import type { KeyRecord } from './key-record.ts';
import type { ProblemSummary } from './problems.ts';

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

/** An attempt that the row had closed, or that the ledger forgot, and whose key is alive. */
export interface FoundKey extends ToCompensate {
  readonly claimId: string;
}
