import { createRemoteJWKSet, jwtVerify } from 'jose';
import { setting } from './setting.ts';

const AUTHORITY = `https://login.microsoftonline.com/${setting('ENTRA_TENANT_ID')}`;
const keys = createRemoteJWKSet(new URL(`${AUTHORITY}/discovery/v2.0/keys`));
const expected = { issuer: `${AUTHORITY}/v2.0`, audience: setting('ENTRA_AUDIENCE').split(',') };

export async function isCaller(authorization: string | null): Promise<boolean> {
  const token = authorization?.match(/^Bearer (.+)$/i)?.[1];
  if (token === undefined) return false;
  try {
    await jwtVerify(token, keys, expected);
    return true;
  } catch {
    return false;
  }
}
