import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { DAY_MS } from '../../vending/model/timings.ts';

const TIMEOUT_MS = 5_000;
/** How long known keys serve while Entra ID is out of reach. */
const MAX_AGE_MS = DAY_MS;
/** A key that Entra ID withdraws serves for this long, and until somebody asks again. */
const RENEWED_AFTER_MS = 10 * 60_000;
/** While Entra ID does not answer. */
const TRIED_EVERY_MS = 30_000;

export interface SigningKeys {
  /** Waits for Entra ID only where it has no keys of the last day, or none with this id. */
  readonly get: JWTVerifyGetKey;
  reload(): Promise<void>;
}

/**
 * The tenant's signing keys, renewed behind the requests' back. An unknown key id fetches them at once, at most every 30
 * seconds after a success, so that made-up ids cannot turn this function against Entra ID.
 */
export function createSigningKeys(authorityHost: string, tenantId: string): SigningKeys {
  let renewAt = 0;
  const keys = createRemoteJWKSet(new URL(`/${tenantId}/discovery/v2.0/keys`, authorityHost), {
    timeoutDuration: TIMEOUT_MS,
    cacheMaxAge: MAX_AGE_MS,
    [customFetch]: async (url, options) => {
      renewAt = Date.now() + TRIED_EVERY_MS;
      const response = await fetchKeys(url, options);
      renewAt = Date.now() + RENEWED_AFTER_MS;
      return response;
    },
  });
  return {
    get: (header, token) => {
      // A verifier without any keys waits for them below.
      if (keys.fresh && Date.now() >= renewAt) keys.reload().catch(() => undefined);
      return keys(header, token);
    },
    reload: keys.reload,
  };
}

/** jose's own error for a failed fetch does not have the status. */
async function fetchKeys(url: string, options: RequestInit): Promise<Response> {
  const response = await fetch(url, options);
  if (response.status === 200) return response;
  await response.body?.cancel();
  throw Object.assign(new Error('The signing keys could not be fetched'), { statusCode: response.status });
}
