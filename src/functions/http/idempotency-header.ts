import { parseIdempotencyKey } from '../../vending/model/idempotency.ts';
import { type Problem, type ProblemType, problemOf } from '../../vending/model/problems.ts';

export type KeyRead =
  | { readonly kind: 'read'; readonly key: string }
  | { readonly kind: 'refused'; readonly problem: Problem };

/**
 * The `Idempotency-Key` header of a rotation.
 *
 * Several header lines arrive as one, joined by commas. The same key sent twice would then be another key than the one that
 * is sent once, and lead to a second API key. So the header takes no comma at all.
 */
export function readIdempotencyHeader(header: string | null): KeyRead {
  if (header === null) return missing('Send an Idempotency-Key header, the same for every retry of this request.');
  if (header.includes(',')) return refuse('invalid-request', SEVERAL);
  const key = parseIdempotencyKey(header);
  return key === undefined ? refuse('invalid-request', BROKEN) : { kind: 'read', key };
}

/** The header, or `idempotencyKey` in the body, which may have commas. Where both are given they must agree. */
export function readIdempotencyKey(header: string | null, inBody: string | undefined): KeyRead {
  if (header !== null) {
    const read = readIdempotencyHeader(header);
    return read.kind === 'read' && inBody !== undefined && inBody !== read.key
      ? refuse('invalid-request', 'The Idempotency-Key header and idempotencyKey in the body differ.')
      : read;
  }
  return inBody === undefined ? missing(EITHER) : { kind: 'read', key: inBody };
}

const refuse = (type: ProblemType, detail: string): KeyRead => ({ kind: 'refused', problem: problemOf(type, detail) });
const missing = (detail: string): KeyRead => refuse('idempotency-key-required', detail);

const EITHER =
  'Send an Idempotency-Key header (or idempotencyKey in the body), the same for every retry of this request.';
const BROKEN = 'Idempotency-Key must be 1 to 128 printable ASCII characters.';
const SEVERAL =
  'Idempotency-Key must be one header line, without a comma: several lines arrive joined by commas. When vending, a key with a comma can be sent as idempotencyKey in the body.';
