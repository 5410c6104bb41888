import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Message } from 'rhea';
import * as z from 'zod';
import { conditions } from './conditions.ts';
import { failure, type Response } from './request-response.ts';

/** The key that Microsoft's own emulator is used with: no secret, but a wrong one is still refused. */
export const SHARED_ACCESS_KEY_NAME = 'RootManageSharedAccessKey';
export const SHARED_ACCESS_KEY = 'SAS_KEY_VALUE';

const putTokenSchema = z.object({
  body: z.string(),
  application_properties: z.object({
    operation: z.literal('put-token'),
    type: z.literal('servicebus.windows.net:sastoken'),
    name: z.string(),
  }),
});

/** The entities that one connection may use: it has put a valid shared access signature for them to `$cbs`. */
export class Claims {
  readonly #expiry = new Map<string, number>();

  put(request: Message): Response {
    const parsed = putTokenSchema.safeParse(request);
    if (!parsed.success) return failure(400, conditions.notAllowed('Only put-token with a SAS token is understood.'));
    const { body: token, application_properties: claim } = parsed.data;
    const expiresAt = verifiedExpiry(token, claim.name);
    if (expiresAt === undefined) return failure(401, conditions.unauthorized(claim.name));
    this.#expiry.set(entityPath(claim.name), expiresAt);
    return { status: 202, description: 'Accepted' };
  }

  /** A claim covers its entity and what lies below it. */
  cover(address: string): boolean {
    const path = entityPath(address);
    return [...this.#expiry].some(([claimed, expiresAt]) => expiresAt > Date.now() && liesWithin(claimed, path));
  }
}

/** Everything lies within the namespace itself, whose path is empty. */
const liesWithin = (outer: string, path: string): boolean => outer === '' || `${path}/`.startsWith(`${outer}/`);

/** The path of `sb://host/queue`, or of a plain `queue`, without slashes around it. Entity names ignore case. */
export function entityPath(address: string): string {
  return address
    .replace(/^[a-z]+:\/\/[^/]*/i, '')
    .replace(/^\/+|\/+$/g, '')
    .toLowerCase();
}

/**
 * When the token ends, in ms since the epoch; undefined: it is not valid for that audience. Its client signs it by its own
 * clock, which need not be the sandbox's: real time accepts both.
 */
function verifiedExpiry(token: string, audience: string): number | undefined {
  const fields = new URLSearchParams(token.replace(/^SharedAccessSignature /, ''));
  const [resource = '', signature = '', expiry = ''] = ['sr', 'sig', 'se'].map((name) => fields.get(name) ?? '');
  const expected = createHmac('sha256', SHARED_ACCESS_KEY)
    .update(`${encodeURIComponent(resource)}\n${expiry}`)
    .digest();
  const given = Buffer.from(signature, 'base64');
  const genuine = given.length === expected.length && timingSafeEqual(given, expected);
  const expiresAt = Number(expiry) * 1000;
  const covers = liesWithin(entityPath(resource), entityPath(audience));
  return genuine && covers && expiresAt > Date.now() && fields.get('skn') === SHARED_ACCESS_KEY_NAME
    ? expiresAt
    : undefined;
}
