import type { AccessToken, TokenCredential } from '@azure/identity';

/** A token that ends sooner is renewed while it still serves: as MSAL's own cache does it. */
const RENEWED_BEFORE_MS = 5 * 60_000;

/**
 * The same credential, whose tokens are kept and renewed ahead of need: no request waits for a token but the first, and
 * none pays for MSAL's own look-up, which takes longer than the rest of a request's headers.
 *
 * A renewal that fails is tried again by the next request; the old token serves for as long as it holds.
 */
export function withTokenMemory(credential: TokenCredential, now: () => number = Date.now): TokenCredential {
  const known = new Map<string, AccessToken>();
  const renewing = new Map<string, Promise<AccessToken | null>>();
  return {
    getToken: async (scopes, options) => {
      const key = JSON.stringify([scopes, options?.tenantId, options?.enableCae]);
      const renew = async (): Promise<AccessToken | null> => {
        const token = await credential.getToken(scopes, options);
        if (token !== null) known.set(key, token);
        return token;
      };
      // Claims are a service's word that the token which it was shown is no good any more.
      if (options?.claims !== undefined) return renew();
      const renewal = (): Promise<AccessToken | null> => {
        const running = renewing.get(key) ?? renew().finally(() => renewing.delete(key));
        renewing.set(key, running);
        return running;
      };
      const token = known.get(key);
      const left = (token?.expiresOnTimestamp ?? 0) - now();
      if (token === undefined || left <= 0) return renewal();
      if (left < RENEWED_BEFORE_MS) renewal().catch(() => undefined);
      return token;
    },
  };
}
