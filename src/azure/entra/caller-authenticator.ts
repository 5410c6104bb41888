import { type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import * as z from 'zod';
import type { Caller } from '../../vending/model/caller.ts';
import type { AuthenticationOutcome, CallerAuthenticator } from '../../vending/ports/callers.ts';
import type { Clock } from '../../vending/ports/clock.ts';
import { traceOf } from '../upstream-trace.ts';
import { rejectionOf } from './rejections.ts';
import { createSigningKeys } from './signing-keys.ts';
import { createVerifiedTokens } from './verified-tokens.ts';

export interface CallerAuthenticatorOptions {
  /** The one tenant whose tokens are believed. */
  readonly tenantId: string;
  /** What the token's `aud` may be: the API's client id, its `api://…` URI, or both. */
  readonly audience: string | readonly string[];
  /** Default `https://login.microsoftonline.com`. */
  readonly authorityHost?: string;
  /** Default: the system's. */
  readonly clock?: Pick<Clock, 'now'>;
}

export type WarmableAuthenticator = CallerAuthenticator & {
  /** Fetches the signing keys ahead of need. Does not throw: whoever needs them tries again. */
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
