import { createHash } from 'node:crypto';
import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import * as z from 'zod';
import type { AuthenticationOutcome, Caller, CallerAuthenticator } from '../../vending/model/caller.ts';
import type { Clock } from '../../vending/ports/runtime.ts';
import { traceOf } from '../upstream-trace.ts';
import { createSigningKeys } from './signing-keys.ts';

export interface CallerAuthenticatorOptions {
  /** The one tenant whose tokens are believed. */
  readonly tenantId: string;
  /** The accepted values of a token's `aud`: the API's client id, its `api://…` URI, or both. */
  readonly audience: string | readonly string[];
  /** Default `https://login.microsoftonline.com`. */
  readonly authorityHost?: string;
  /** Default: the system's. */
  readonly clock?: Pick<Clock, 'now'>;
}

export type WarmableAuthenticator = CallerAuthenticator & {
  /** Fetches the signing keys ahead of need. Does not throw: the request that needs them tries again. */
  warmUp(): Promise<void>;
};

const MAX_HEADER = 16 * 1024;
const CLOCK_TOLERANCE_S = 60;

const BEARER = /^Bearer ([\w.~+/=-]+)$/i;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Which application presents the token: `azp` in version 2, `appid` in version 1. ID tokens name none. */
const presentedBy = z.union([z.object({ azp: z.string() }), z.object({ appid: z.string() })]);

const claimsSchema = z
  .object({ tid: z.string(), oid: z.string().regex(UUID), roles: z.array(z.string()).catch([]) })
  .and(presentedBy);

const rejected = (detail: string): AuthenticationOutcome => ({ kind: 'rejected', detail });

/**
 * Authenticates HTTP callers by access tokens of one Entra ID tenant, of versions 1 and 2. A token that cannot be
 * checked because the signing keys are out of reach is `unavailable`, never `rejected`.
 */
export function createCallerAuthenticator(options: CallerAuthenticatorOptions): WarmableAuthenticator {
  const tenantId = options.tenantId.toLowerCase();
  const authorityHost = options.authorityHost ?? 'https://login.microsoftonline.com';
  const clock = options.clock ?? Date;
  const signingKeys = createSigningKeys(authorityHost, tenantId);
  const verified = createVerifiedTokens();
  const rules: JWTVerifyOptions = {
    algorithms: ['RS256'],
    issuer: [`${new URL(authorityHost).origin}/${tenantId}/v2.0`, `https://sts.windows.net/${tenantId}/`],
    audience: [options.audience].flat(),
    requiredClaims: ['exp'],
    clockTolerance: CLOCK_TOLERANCE_S,
  };
  return {
    warmUp: () => signingKeys.reload().catch(() => undefined),
    authenticate: async (authorization) => {
      const header = readHeader(authorization);
      if (header.kind === 'rejected') return header;
      const now = clock.now();
      const known = verified.find(header.token, now);
      if (known !== undefined) return { kind: 'authenticated', caller: known };
      try {
        const { payload } = await jwtVerify(header.token, signingKeys.get, { ...rules, currentDate: new Date(now) });
        const outcome = callerOf(payload, tenantId);
        if (outcome.kind === 'authenticated') verified.keep(header.token, outcome.caller, endOf(payload), now);
        return outcome;
      } catch (error) {
        const detail = rejectionOf(error);
        return detail === undefined ? { kind: 'unavailable', upstream: traceOf('jwks', error) } : rejected(detail);
      }
    },
  };
}

type Header =
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'rejected'; readonly detail: string };

function readHeader(authorization: string | null): Header {
  if (authorization === null || authorization === '') {
    return { kind: 'rejected', detail: 'An Authorization header with a bearer token is required.' };
  }
  if (authorization.length > MAX_HEADER) {
    return { kind: 'rejected', detail: 'The Authorization header is longer than 16 KiB.' };
  }
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) {
    return { kind: 'rejected', detail: 'The Authorization header must be "Bearer", one space, and one token.' };
  }
  return { kind: 'bearer', token };
}

/** Without the tolerance for clocks: in its last minute a token is verified each time. */
const endOf = ({ exp = 0 }: JWTPayload): number => exp * 1000;

function callerOf(payload: unknown, tenantId: string): AuthenticationOutcome {
  const claims = claimsSchema.safeParse(payload);
  if (!claims.success)
    return rejected(
      'The token must be an access token that names its tenant (tid), its subject (oid) and its application (azp or appid).',
    );
  const { tid, oid, roles } = claims.data;
  if (tid.toLowerCase() !== tenantId) return rejected('The token is from another tenant.');
  const caller: Caller = { id: `entra:${tenantId}:${oid.toLowerCase()}`, roles };
  return { kind: 'authenticated', caller };
}

const NOT_A_JWT = 'The bearer token is not a signed JSON Web Token (JWT).';
const UNKNOWN_KEY = 'The token is signed with a key that the tenant does not publish.';

const DETAILS_BY_CODE: Readonly<Record<string, string>> = {
  [errors.JWSInvalid.code]: NOT_A_JWT,
  [errors.JWTInvalid.code]: NOT_A_JWT,
  [errors.JOSENotSupported.code]: NOT_A_JWT,
  [errors.JOSEAlgNotAllowed.code]: 'The token is not signed with RS256.',
  [errors.JWSSignatureVerificationFailed.code]: "The token's signature is not valid.",
  [errors.JWKSNoMatchingKey.code]: UNKNOWN_KEY,
  [errors.JWKSMultipleMatchingKeys.code]: UNKNOWN_KEY,
  [errors.JWTExpired.code]: 'The token has expired.',
};

const DETAILS_BY_CLAIM: Readonly<Record<string, string>> = {
  aud: 'The token is for another audience.',
  iss: 'The token is from another issuer.',
  nbf: 'The token is not valid yet.',
  exp: 'The token has no valid expiry (exp).',
};

/**
 * What is wrong with the token, in words of ours: jose's errors carry the token's claims. Undefined if the error is not
 * the token's fault, as with keys that cannot be fetched or are damaged.
 */
export function rejectionOf(error: unknown): string | undefined {
  if (error instanceof errors.JWTClaimValidationFailed) {
    return DETAILS_BY_CLAIM[error.claim] ?? 'The token lacks a claim that is required.';
  }
  return error instanceof errors.JOSEError ? DETAILS_BY_CODE[error.code] : undefined;
}

/** For how long a signature need not be looked at again; the tenant's keys are kept for longer. Milliseconds. */
const TTL_MS = 5 * 60_000;
const MAX_TOKENS = 1_000;

interface Verified {
  readonly caller: Caller;
  readonly until: number;
}

export interface VerifiedTokens {
  find(token: string, now: number): Caller | undefined;
  /** @param endsAt milliseconds since the epoch. */
  keep(token: string, caller: Caller, endsAt: number, now: number): void;
}

/**
 * Whose the tokens are that were verified just now: a portal presents one for an hour, and RS256 is the dearest step
 * of reading a request. Tokens are remembered by their digest, so none can be read out of the process's memory.
 */
export function createVerifiedTokens(): VerifiedTokens {
  const known = new Map<string, Verified>();
  const forgetOldest = (): void => {
    const [oldest] = known.keys();
    if (oldest !== undefined && known.size > MAX_TOKENS) known.delete(oldest);
  };
  return {
    find: (token, now) => {
      const verified = known.get(digestOf(token));
      return verified !== undefined && now < verified.until ? verified.caller : undefined;
    },
    keep: (token, caller, endsAt, now) => {
      known.set(digestOf(token), { caller, until: Math.min(endsAt, now + TTL_MS) });
      forgetOldest();
    },
  };
}

const digestOf = (token: string): string => createHash('sha256').update(token).digest('base64');
