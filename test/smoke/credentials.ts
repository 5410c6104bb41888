import { AzureCliCredential, type TokenCredential } from '@azure/identity';
import { decodeJwt } from 'jose';
import * as z from 'zod';

/** A token that was given, or whatever `az login` gives. */
export function credentialOf(token: string | undefined): TokenCredential {
  if (token === undefined) return new AzureCliCredential();
  return { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) };
}

/** @throws Error with what to do about it. */
export async function appToken(credential: TokenCredential, audience: string): Promise<string> {
  try {
    const token = await credential.getToken(`${audience}/.default`);
    if (token !== null) return token.token;
  } catch (error) {
    // Only the kind: what the CLI printed may be anything.
    const kind = error instanceof Error ? error.name : 'unknown';
    throw new Error(`No token for ${audience} (${kind}): az login --scope ${audience}/.default, or set SMOKE_TOKEN`);
  }
  throw new Error(`No token for ${audience}: set SMOKE_TOKEN`);
}

const claimsSchema = z.object({ tid: z.string(), oid: z.string(), aud: z.string().catch('nobody') });

export interface Caller {
  /** The app's name for the holder of the token. */
  readonly id: string;
  /** Whom the token is for. */
  readonly audience: string;
}

/** @throws Error where it is no Entra ID token. */
export function callerOf(token: string): Caller {
  try {
    const { tid, oid, aud } = claimsSchema.parse(decodeJwt(token));
    return { id: `entra:${tid}:${oid}`, audience: aud };
  } catch {
    throw new Error('The token is no access token of Entra ID: it has no tid and oid.');
  }
}
