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

/** How many tokens are remembered. */
const REMEMBERED = 1000;

/**
 * Checks tokens as Azure's services do: RS256 only, no clock tolerance, an audience's trailing slash ignored. A
 * valid token is remembered until it expires by this clock. Later checks compare only its times.
 */
export function createTokenVerifier({ jwks, issuers, now }: TokenVerifierOptions): BearerVerifier {
  const keySet = createLocalJWKSet(jwks);
  const remembered = createMemory<ValidToken>(REMEMBERED);
  return {
    verify: async (authorization, audiences) => {
      if (authorization === undefined) return { kind: 'missing' };
      const token = /^Bearer (\S+)$/i.exec(authorization)?.[1];
      if (token === undefined) return { kind: 'invalid', reason: 'malformed' };
      const at = now();
      const memory = `${JSON.stringify(audiences)}${token}`;
      const known = remembered.get(memory);
      if (known !== undefined && holds(known, at)) return { kind: 'valid', claims: known.claims };
      try {
        const { payload } = await jwtVerify(token, keySet, {
          algorithms: ['RS256'],
          issuer: issuers,
          audience: audiences.flatMap(withAndWithoutSlash),
          currentDate: new Date(at),
          requiredClaims: ['exp', 'nbf', 'oid', 'tid'],
        });
        const claims = bearerClaims(payload);
        remembered.set(memory, { claims, notBefore: payload.nbf, expires: payload.exp });
        return { kind: 'valid', claims };
      } catch (error) {
        return { kind: 'invalid', reason: reasonOf(error) };
      }
    },
  };
}

interface ValidToken {
  readonly claims: BearerClaims;
  /** Seconds since the epoch, as is `expires`. */
  readonly notBefore: number | undefined;
  readonly expires: number | undefined;
}

/** As `jwtVerify` checks them. If it finds another reason to refuse, that reason is reported. */
function holds({ notBefore, expires }: ValidToken, now: number): boolean {
  const seconds = Math.floor(now / 1000);
  return notBefore !== undefined && expires !== undefined && notBefore <= seconds && seconds < expires;
}

/** Forgets the oldest once there are more than `size`. */
function createMemory<T>(size: number): { get(key: string): T | undefined; set(key: string, value: T): void } {
  const entries = new Map<string, T>();
  return {
    get: (key) => entries.get(key),
    set: (key, value) => {
      entries.set(key, value);
      if (entries.size <= size) return;
      for (const oldest of entries.keys()) {
        entries.delete(oldest);
        return;
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
