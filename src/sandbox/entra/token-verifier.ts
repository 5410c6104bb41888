import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import * as z from 'zod';
import type { BearerClaims, BearerVerdict, BearerVerifier } from '../kit/bearer.ts';

export interface TokenVerifierOptions {
  readonly jwks: JSONWebKeySet;
  readonly issuers: string[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const claimsSchema = z.object({
  iss: z.string(),
  aud: z.string(),
  tid: z.string(),
  oid: z.string(),
  appid: z.string().optional(),
  azp: z.string().optional(),
  roles: z.array(z.string()).optional(),
});

/** Checks tokens as Azure's services do: RS256 only, no clock tolerance, an audience's trailing slash ignored. */
export function createTokenVerifier({ jwks, issuers, now }: TokenVerifierOptions): BearerVerifier {
  const keySet = createLocalJWKSet(jwks);
  return {
    verify: async (authorization, audiences) => {
      if (authorization === undefined) return { kind: 'missing' };
      const token = /^Bearer (\S+)$/i.exec(authorization)?.[1];
      if (token === undefined) return { kind: 'invalid', reason: 'malformed' };
      try {
        const { payload } = await jwtVerify(token, keySet, {
          algorithms: ['RS256'],
          issuer: issuers,
          audience: audiences.flatMap(withAndWithoutSlash),
          currentDate: new Date(now()),
          requiredClaims: ['exp', 'nbf', 'oid', 'tid'],
        });
        return { kind: 'valid', claims: bearerClaims(payload) };
      } catch (error) {
        return { kind: 'invalid', reason: reasonOf(error) };
      }
    },
  };
}

type InvalidReason = Extract<BearerVerdict, { kind: 'invalid' }>['reason'];

function reasonOf(error: unknown): InvalidReason {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JWKSNoMatchingKey) return 'signature';
  if (!(error instanceof errors.JWTClaimValidationFailed)) return 'malformed';
  if (error.claim === 'iss') return 'issuer';
  if (error.claim === 'aud') return 'audience';
  return error.claim === 'nbf' ? 'expired' : 'malformed';
}

function bearerClaims(payload: JWTPayload): BearerClaims {
  const { iss, aud, tid, oid, appid, azp, roles } = claimsSchema.parse(payload);
  const application = appid ?? azp;
  return { iss, aud, tid, oid, ...(application !== undefined && { appid: application }), ...(roles && { roles }) };
}

function withAndWithoutSlash(audience: string): [string, string] {
  const bare = audience.replace(/\/$/, '');
  return [bare, `${bare}/`];
}
