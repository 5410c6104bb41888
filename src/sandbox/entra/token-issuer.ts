import { randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from 'jose';
import type { BearerVerifier } from '../kit/bearer.ts';
import { createTokenVerifier } from './token-verifier.ts';

/** What a caller's token says. Everything but the audience has a wrong value that is worth testing. */
export interface CallerTokenClaims {
  readonly audience: string;
  readonly oid: string;
  /** The issuer's own tenant unless given; another one makes a well-signed token of a foreign tenant. */
  readonly tid?: string;
  /** The calling application's client id; one of the issuer's own unless given. */
  readonly appid?: string;
  readonly roles?: readonly string[];
  /** Seconds; one hour unless given. 0 or less makes a token that has expired. */
  readonly expiresIn?: number;
}

/** The claims of a managed identity's token for an Azure service. */
export interface ResourceTokenClaims {
  /** As asked for: `https://management.azure.com` and `https://management.azure.com/` are different audiences. */
  readonly resource: string;
  readonly oid: string;
  readonly appid: string;
  /** Seconds; 24 hours unless given. */
  readonly expiresIn?: number;
}

export interface IssuedToken {
  readonly token: string;
  /** Seconds since the epoch. */
  readonly expiresOn: number;
}

export interface TokenIssuer {
  readonly tenantId: string;
  /** `iss` of callers' tokens. */
  readonly issuer: string;
  /** Without `alg`, as Entra publishes them. */
  readonly jwks: JSONWebKeySet;
  /** Accepts this tenant's tokens of both versions. */
  readonly verifier: BearerVerifier;
  /** A version 2.0 access token, as an application that called for our API holds it. */
  issueCallerToken(claims: CallerTokenClaims): Promise<IssuedToken>;
  /** A version 1.0 access token, as Azure's own services still get them. */
  issueResourceToken(claims: ResourceTokenClaims): Promise<IssuedToken>;
}

export interface TokenIssuerOptions {
  readonly tenantId: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

const CALLING_APP = 'eeeeeeee-0000-4000-8000-00000000000a';

/** Plays Entra ID's token service for one tenant, with a signing key of its own. */
export async function createTokenIssuer({ tenantId, now = Date.now }: TokenIssuerOptions): Promise<TokenIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  const jwks = { keys: [{ ...jwk, kid, use: 'sig' }] };
  const sign = async (claims: Record<string, unknown>, lifetime: number): Promise<IssuedToken> => {
    const seconds = Math.floor(now() / 1000);
    const expiresOn = seconds + lifetime;
    const issuedAt = Math.min(seconds, expiresOn - 1);
    const token = await new SignJWT({ ...claims, iat: issuedAt, nbf: issuedAt, exp: expiresOn, uti: randomUUID() })
      .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid })
      .sign(privateKey);
    return { token, expiresOn };
  };
  return {
    tenantId,
    issuer: callerIssuer(tenantId),
    jwks,
    verifier: createTokenVerifier({ jwks, issuers: [callerIssuer(tenantId), resourceIssuer(tenantId)], now }),
    issueCallerToken: ({ audience, oid, tid = tenantId, appid = CALLING_APP, roles, expiresIn = 3600 }) =>
      sign({ ver: '2.0', iss: callerIssuer(tid), aud: audience, oid, sub: oid, tid, azp: appid, roles }, expiresIn),
    issueResourceToken: ({ resource, oid, appid, expiresIn = 86_400 }) =>
      sign(
        { ver: '1.0', iss: resourceIssuer(tenantId), aud: resource, oid, sub: oid, tid: tenantId, appid, idtyp: 'app' },
        expiresIn,
      ),
  };
}

const callerIssuer = (tenantId: string): string => `https://login.microsoftonline.com/${tenantId}/v2.0`;
const resourceIssuer = (tenantId: string): string => `https://sts.windows.net/${tenantId}/`;
