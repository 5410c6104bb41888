import { parseIdempotencyKey } from '../../vending/model/idempotency.ts';
import type { Problem } from '../../vending/model/problems.ts';
import type { VendRequest } from '../../vending/request/request.ts';

export type KeyRead =
  | { readonly kind: 'read'; readonly key: string }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** The `Idempotency-Key` header, or `idempotencyKey` in the body; where both are given they must agree. */
export function readIdempotencyKey(header: string | null, request: VendRequest): KeyRead {
  if (header === null) return request.idempotencyKey === undefined ? missing : read(request.idempotencyKey);
  const key = parseIdempotencyKey(header);
  if (key === undefined) return refuse('invalid-request', 'Idempotency-Key must be 1 to 128 printable characters.');
  if (request.idempotencyKey !== undefined && request.idempotencyKey !== key) {
    return refuse('invalid-request', 'The Idempotency-Key header and idempotencyKey in the body differ.');
  }
  return read(key);
}

const read = (key: string): KeyRead => ({ kind: 'read', key });
const refuse = (type: Problem['type'], detail: string): KeyRead => ({ kind: 'refused', problem: { type, detail } });
const missing = refuse(
  'idempotency-key-required',
  'Send an Idempotency-Key header (or idempotencyKey in the body), the same for every retry of this request.',
);
