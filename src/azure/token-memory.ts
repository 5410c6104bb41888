import type { AccessToken, TokenCredential } from '@azure/identity';

/** A token that ends sooner is renewed while it still serves: as MSAL's own cache does it. */
const RENEWED_BEFORE_MS = 5 * 60_000;
/** One that ends sooner is not sent if there is a new one: it would end on its way, or has ended by the service's clock. */
const LEAST_LEFT_MS = 60_000;
/** A renewal that takes longer is not waited for any more: MSAL's tries take 16 s, and a hung endpoint no end of time. */
const PATIENCE_MS = 20_000;

interface Renewal {
  readonly since: number;
  readonly token: Promise<AccessToken | null>;
}

/**
 * The same credential, whose tokens are kept and renewed ahead of need: no request waits for a token but the first, and
 * none pays for MSAL's own look-up, which takes longer than the rest of a request's headers.
 *
 * A renewal that fails is tried again by the next request; the old token serves for as long as it holds.
 */
export function withTokenMemory(credential: TokenCredential, now: () => number = Date.now): TokenCredential {
  const known = new Map<string, AccessToken>();
  const renewals = new Map<string, Renewal>();
  return {
    getToken: async (scopes, options) => {
      const key = JSON.stringify([scopes, options?.tenantId, options?.enableCae]);
      const renew = async (): Promise<AccessToken | null> => {
        const before = known.get(key);
        const token = await credential.getToken(scopes, options);
        // One that answered a challenge meanwhile stays: this one may be what was challenged.
        if (token !== null && (options?.claims !== undefined || known.get(key) === before)) known.set(key, token);
        return token;
      };
      // Claims are a service's word that the token which it was shown is no good any more.
      if (options?.claims !== undefined) return renew();
      const renewal = (): Promise<AccessToken | null> => joined(renewals, key, now(), renew);
      const token = known.get(key);
      const left = (token?.expiresOnTimestamp ?? 0) - now();
      if (token === undefined || left <= 0) return renewal();
      if (left < LEAST_LEFT_MS) return renewal().catch(() => token);
      if (left < RENEWED_BEFORE_MS || now() >= (token.refreshAfterTimestamp ?? Number.POSITIVE_INFINITY))
        renewal().catch(() => undefined);
      return token;
    },
  };
}

/** One renewal at a time, but for one that seems to hang. */
function joined(
  renewals: Map<string, Renewal>,
  key: string,
  now: number,
  renew: () => Promise<AccessToken | null>,
): Promise<AccessToken | null> {
  const running = renewals.get(key);
  if (running !== undefined && now - running.since < PATIENCE_MS) return running.token;
  const renewal: Renewal = {
    since: now,
    token: renew().finally(() => {
      if (renewals.get(key) === renewal) renewals.delete(key);
    }),
  };
  renewals.set(key, renewal);
  return renewal.token;
}
