import { exportJWK, generateKeyPair, importJWK, type JSONWebKeySet, type JWK, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { createCallerAuthenticator } from '../../../src/azure/entra/caller-authenticator.ts';
import { startEntra } from '../../../src/sandbox/entra/entra.ts';
import { createTokenIssuer, type TokenIssuer } from '../../../src/sandbox/entra/token-issuer.ts';
import { FaultPlan } from '../../../src/sandbox/kit/faults.ts';
import type { RunningService } from '../../../src/sandbox/kit/http-service.ts';
import { createCertificates } from '../../../src/sandbox/tls/certificates.ts';
import type { CallerAuthenticator } from '../../../src/vending/model/caller.ts';
import { routeToEmulators } from '../emulated-hosts.ts';

export const TENANT = '11111111-2222-3333-4444-aaaaaaaaaaaa';
export const OID = 'bbbbbbbb-0000-4000-8000-000000000001';
export const AUDIENCE = 'api://key-vending';
export const CLAIMS = {
  ...{ iss: `https://login.microsoftonline.com/${TENANT}/v2.0`, aud: AUDIENCE, tid: TENANT, oid: OID },
  azp: 'aaaaaaaa-0000-4000-8000-00000000000a',
};

const extraKey = await generateKeyPair('RS256', { extractable: true });
const strangersKey = await generateKeyPair('RS256');

export const now = (): number => Math.floor(Date.now() / 1_000);

/** The tenant's second key, as it is published. */
export const extraJwk = async () => ({ ...(await exportJWK(extraKey.publicKey)), kid: 'extra', use: 'sig' });

/** A token that the tenant's second key signed, with any claims and header. */
export const tokenOf = (claims: object, header: object = {}, key = extraKey.privateKey): Promise<string> =>
  new SignJWT({ exp: now() + 600, ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'extra', ...header }).sign(key);

/** A token that a published key signed as the algorithm says. @returns it, and the key where that is a new one */
export async function tokenBy(alg: 'RS384' | 'RS512' | 'PS256' | 'ES256'): Promise<{ token: string; published?: JWK }> {
  const header = { alg, kid: 'extra' };
  if (alg !== 'ES256') {
    const key = await importJWK({ ...(await exportJWK(extraKey.privateKey)), alg });
    return { token: await new SignJWT({ exp: now() + 600, ...CLAIMS }).setProtectedHeader(header).sign(key) };
  }
  const { privateKey, publicKey } = await generateKeyPair(alg);
  const published = { ...(await exportJWK(publicKey)), kid: 'curve', use: 'sig' };
  return { token: await tokenOf(CLAIMS, { alg, kid: 'curve' }, privateKey), published };
}

/** A token of the tenant's second key, signed by somebody else. */
export const forgedTokenOf = (claims: object): Promise<string> => tokenOf(claims, {}, strangersKey.privateKey);

export interface Entra {
  readonly faults: FaultPlan;
  issuer: TokenIssuer;
  /** What the tenant publishes: the issuer's keys and the second key, at the beginning of each test. */
  published: JSONWebKeySet;
  /** New for each test: it remembers keys and tokens. */
  authenticator: CallerAuthenticator;
  callerToken(expiresIn?: number): Promise<string>;
}

/** Entra ID under its production host name. */
export function useEntra(): Entra {
  const faults = new FaultPlan();
  const callerToken = async (expiresIn = 3_600): Promise<string> =>
    (await rig.issuer.issueCallerToken({ audience: AUDIENCE, oid: OID, roles: ['Keys.Vend'], expiresIn })).token;
  const rig = { faults, callerToken } as Entra;
  let service: RunningService;
  beforeAll(async () => {
    rig.issuer = await createTokenIssuer({ tenantId: TENANT });
    const { caPem, cert, key } = await createCertificates(['login.microsoftonline.com']);
    service = await startEntra({
      tls: { cert, key },
      faults,
      issuer: {
        ...rig.issuer,
        get jwks() {
          return rig.published;
        },
      },
    });
    await routeToEmulators({ 'login.microsoftonline.com': service.port }, caPem);
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    rig.published = { keys: [...rig.issuer.jwks.keys, await extraJwk()] };
    rig.authenticator = createCallerAuthenticator({ tenantId: TENANT, audience: AUDIENCE });
  });
  afterEach(() => {
    faults.clear();
    vi.useRealTimers();
  });
  return rig;
}
