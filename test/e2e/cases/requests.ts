import { EXAMPLE } from '../harness.ts';
import type { HttpAnswer, HttpRequest } from './case.ts';

export const JSON_TYPE = ['content-type', 'application/json'] as const;

/** A request for a key by HTTP. */
export const vend = (key: string, answer: HttpAnswer, more: Partial<HttpRequest> = {}): HttpRequest => ({
  http: 'POST /api/v1/credentials',
  headers: [JSON_TYPE, ['idempotency-key', key]],
  body: EXAMPLE,
  answer,
  ...more,
});
export const VENDED = { status: 201, says: 'vended' } as const;
export const REPLAYED = { status: 200, says: 'vended', headers: { 'idempotency-replayed': /^true$/ } } as const;
export const INVALID = { status: 400, says: 'invalid-request' } as const;
export const NOTHING = { minted: 0, living: 0 } as const;
export const UNHARMED = { given: 'a credential', minted: 0, living: 1 } as const;
