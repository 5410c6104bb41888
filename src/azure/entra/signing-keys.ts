import { createRemoteJWKSet, customFetch } from 'jose';

const TIMEOUT_MS = 5_000;

export type SigningKeys = ReturnType<typeof createRemoteJWKSet>;

/**
 * The tenant's signing keys. Kept for ten minutes; an unknown key id fetches them anew, at most every 30 seconds, so
 * that made-up ids cannot turn this function against Entra ID.
 */
export function createSigningKeys(authorityHost: string, tenantId: string): SigningKeys {
  const url = new URL(`/${tenantId}/discovery/v2.0/keys`, authorityHost);
  return createRemoteJWKSet(url, { timeoutDuration: TIMEOUT_MS, [customFetch]: fetchKeys });
}

/** jose's own error for a failed fetch does not tell the status. */
async function fetchKeys(url: string, options: RequestInit): Promise<Response> {
  const response = await fetch(url, options);
  if (response.status === 200) return response;
  await response.body?.cancel();
  throw Object.assign(new Error('The signing keys could not be fetched'), { statusCode: response.status });
}
