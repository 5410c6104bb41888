import { type AccessToken, AzureCliCredential, ManagedIdentityCredential, type TokenCredential } from '@azure/identity';
import type { UpstreamTrace } from '../vending/model/tracing.ts';
import { within, withoutDeadline } from './deadline.ts';
import { traceOf } from './upstream-trace.ts';

export type TokenProof = { readonly kind: 'ok' } | { readonly kind: 'unavailable'; readonly upstream: UpstreamTrace };

/** `azure-cli` is for a developer's machine, which has no managed identity: it is the account of `az login`. */
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
      return bounded(new AzureCliCredential());
    case 'managed-identity':
      return bounded(
        clientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId }),
      );
  }
}

/** MSAL's tries take 16 s. */
const MAX_REQUEST_MS = 20_000;

/**
 * The same credential, whose requests end. An identity endpoint that hangs would otherwise end the clients for the life of the
 * process: Key Vault's shares one renewal among all requests, and Service Bus holds a queue's lock while it waits for a token.
 */
export const bounded = (credential: TokenCredential, maxMs = MAX_REQUEST_MS): TokenCredential => ({
  // Requests share what comes of it, so the deadline of none of them ends it.
  getToken: (scopes, options) => withoutDeadline(() => within(maxMs, () => credential.getToken(scopes, options))),
});

/**
 * The same credential, falling back on the last token that it gave when it cannot give a new one.
 *
 * The SDK clients refresh a token in the background before it expires, and nothing awaits that refresh. If the identity
 * endpoint stays down until the token has expired, the rejection is unhandled and ends the process. With an expired token
 * the service answers 401 instead, which proves that it did nothing.
 *
 * @param leastLeftMs an older token is no fall-back: Service Bus would renew it in a loop
 */
export function withLastToken(credential: TokenCredential, leastLeftMs = Number.NEGATIVE_INFINITY): TokenCredential {
  const last = new Map<string, AccessToken>();
  return {
    getToken: async (scopes, options) => {
      try {
        const token = await credential.getToken(scopes, options);
        if (token !== null) last.set(String(scopes), token);
        return token;
      } catch (error) {
        const known = last.get(String(scopes));
        if (known === undefined || known.expiresOnTimestamp - Date.now() < leastLeftMs) throw error;
        return known;
      }
    },
  };
}

/**
 * Whether a token for `scope` can be had, of the kind that requests ask for, so that it is kept for them. A failing
 * identity endpoint is retried by the credential, which takes up to 16 seconds and cannot be aborted: a caller with
 * less time must race this.
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

/** A token that ends sooner is renewed while it still serves: as MSAL's own cache does it. */
const REFRESH_MARGIN_MS = 5 * 60_000;
/** One that ends sooner is not sent if there is a new one: it would end on its way, or has ended by the service's clock. */
const LEAST_LEFT_MS = 60_000;
/** So long a request waits for a new token while the old one still serves. */
const PATIENCE_MS = 1_000;

/**
 * The same credential with a cache of tokens that are renewed early. Only the first request waits for a token, and none
 * pays for MSAL's own look-up, which takes longer than the rest of a request's headers.
 *
 * The next request retries a failed renewal. The old token serves until it expires.
 *
 * @param credential one whose requests end, as that of {@link createCredential}
 */
export function cachingCredential(credential: TokenCredential, now: () => number = Date.now): TokenCredential {
  const known = new Map<string, AccessToken>();
  const renewals = new Map<string, Promise<AccessToken | null>>();
  return {
    getToken: async (scopes, options) => {
      // Requests name a scope, and answers to challenges a list of one.
      const key = JSON.stringify([[scopes].flat(), options?.tenantId, options?.enableCae]);
      const renew = async (): Promise<AccessToken | null> => {
        const before = known.get(key);
        const token = await credential.getToken(scopes, options);
        // One that answered a challenge meanwhile stays: this one may be what was challenged.
        if (token !== null && (options?.claims !== undefined || known.get(key) === before)) known.set(key, token);
        return token;
      };
      // Claims are a service's word that the token which it was shown is no good any more.
      if (options?.claims !== undefined) return renew();
      const renewal = (): Promise<AccessToken | null> => joined(renewals, key, renew);
      const token = known.get(key);
      const left = (token?.expiresOnTimestamp ?? 0) - now();
      if (token === undefined || left <= 0) return renewal();
      if (left < LEAST_LEFT_MS)
        return withoutDeadline(() => within(Math.min(PATIENCE_MS, left), renewal)).catch(() => token);
      if (left < REFRESH_MARGIN_MS || now() >= (token.refreshAfterTimestamp ?? Number.POSITIVE_INFINITY))
        renewal().catch(() => undefined);
      return token;
    },
  };
}

/** One renewal at a time. */
function joined(
  renewals: Map<string, Promise<AccessToken | null>>,
  key: string,
  renew: () => Promise<AccessToken | null>,
): Promise<AccessToken | null> {
  const running = renewals.get(key);
  if (running !== undefined) return running;
  const renewal = renew().finally(() => renewals.delete(key));
  renewals.set(key, renewal);
  return renewal;
}
