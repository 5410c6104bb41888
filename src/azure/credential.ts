import { AzureCliCredential, ManagedIdentityCredential, type TokenCredential } from '@azure/identity';
import type { UpstreamTrace } from '../vending/upstream.ts';
import { traceOf } from './upstream-trace.ts';

export type TokenProof = { readonly kind: 'ok' } | { readonly kind: 'unavailable'; readonly upstream: UpstreamTrace };

/** `azure-cli` is for a developer's machine, which has no managed identity: whoever is signed in with `az login`. */
export type CredentialKind = 'managed-identity' | 'azure-cli';

/**
 * The function's identity. One instance serves the whole process: every instance keeps its own connections, and MSAL
 * shares the tokens behind them anyway.
 *
 * @param clientId of a user-assigned managed identity; absent: the system-assigned one.
 */
export function createCredential(kind: CredentialKind, clientId?: string): TokenCredential {
  switch (kind) {
    case 'azure-cli':
      return new AzureCliCredential();
    case 'managed-identity':
      return clientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId });
  }
}

/**
 * Whether a token for `scope` can be had. A failing identity endpoint is retried by the credential, which takes up to
 * 16 seconds and cannot be aborted: whoever has less time must race this.
 */
export async function proveToken(credential: TokenCredential, scope: string): Promise<TokenProof> {
  try {
    const token = await credential.getToken(scope);
    if (token !== null) return { kind: 'ok' };
    return { kind: 'unavailable', upstream: { service: 'identity', code: 'NoToken' } };
  } catch (error) {
    return { kind: 'unavailable', upstream: traceOf('identity', error) };
  }
}
