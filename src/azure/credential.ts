import { type AccessToken, AzureCliCredential, ManagedIdentityCredential, type TokenCredential } from '@azure/identity';
import type { UpstreamTrace } from '../vending/model/upstream.ts';
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
 * The same credential, falling back on the last token that it gave when it cannot give a new one.
 *
 * The SDK clients refresh a token that is about to expire behind the requests' back, and nobody awaits that refresh: if
 * the identity endpoint stays down until the token has expired, its rejection is unhandled and ends the process. With
 * an expired token the service answers 401 instead, which proves that it did nothing.
 */
export function withLastToken(credential: TokenCredential): TokenCredential {
  const last = new Map<string, AccessToken>();
  return {
    getToken: async (scopes, options) => {
      try {
        const token = await credential.getToken(scopes, options);
        if (token !== null) last.set(String(scopes), token);
        return token;
      } catch (error) {
        const known = last.get(String(scopes));
        if (known === undefined) throw error;
        return known;
      }
    },
  };
}

/**
 * Whether a token for `scope` can be had, of the kind that requests ask for, so that it is kept for them. A failing
 * identity endpoint is retried by the credential, which takes up to 16 seconds and cannot be aborted: whoever has less
 * time must race this.
 */
export async function proveToken(credential: TokenCredential, scope: string): Promise<TokenProof> {
  try {
    const token = await credential.getToken(scope, { enableCae: true });
    if (token !== null) return { kind: 'ok' };
    return { kind: 'unavailable', upstream: { service: 'identity', code: 'NoToken' } };
  } catch (error) {
    return { kind: 'unavailable', upstream: traceOf('identity', error) };
  }
}
