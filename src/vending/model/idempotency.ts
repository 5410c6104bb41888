import { createHash } from 'node:crypto';

/** A caller's name for a request: given as a key, or taken from a queue message or a CloudEvent. */
export type IdempotencyKey =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'msg'; readonly messageId: string }
  | { readonly kind: 'ce'; readonly source: string; readonly id: string };

/** Of a rotation: there is one for each intent, so whoever asks for it, and however often, asks for the same. */
export interface RotationOf {
  readonly kind: 'rotation';
  readonly intentId: string;
}

/**
 * 1 to 128 characters of printable ASCII, spaces inside only: HTTP strips those at the ends of a header and does not
 * say how other bytes of it are encoded, so anything more would be two keys on two transports.
 */
export const IDEMPOTENCY_KEY_PATTERN = /^[!-~](?:[ -~]{0,126}[!-~])?$/;

export const REQUEST_ID_PATTERN = /^[a-z2-7]{26}$/;

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const INTENT_ID_LENGTH = 26;

/** Of the `Idempotency-Key` header: the key verbatim, or undefined if it breaks `IDEMPOTENCY_KEY_PATTERN`. */
export function parseIdempotencyKey(text: string): string | undefined {
  return IDEMPOTENCY_KEY_PATTERN.test(text) ? text : undefined;
}

/**
 * The id of a caller's intent: 130 bits of the SHA-256 of the JSON array `[caller, kind, …key parts]`, in lower-case
 * base32. An array, so that no two different inputs concatenate to the same text.
 */
export function intentIdOf(caller: string, key: IdempotencyKey | RotationOf): string {
  const digest = createHash('sha256').update(JSON.stringify([caller, key.kind, ...partsOf(key)]));
  return base32(digest.digest()).slice(0, INTENT_ID_LENGTH);
}

/** Of the one intent that may ever replace this one's key. */
export const rotationIdOf = ({ id, caller }: { readonly id: string; readonly caller: string }): string =>
  intentIdOf(caller, { kind: 'rotation', intentId: id });

function partsOf(key: IdempotencyKey | RotationOf): readonly string[] {
  switch (key.kind) {
    case 'key':
      return [key.key];
    case 'msg':
      return [key.messageId];
    case 'ce':
      return [key.source, key.id];
    case 'rotation':
      return [key.intentId];
  }
}

/** RFC 4648, lower case, without padding. */
function base32(bytes: Uint8Array): string {
  let [text, bits, value] = ['', 0, 0];
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32[(value >>> (bits - 5)) & 31];
    value &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + BASE32[(value << (5 - bits)) & 31];
}

/** The last token of a key's description: the only thread from Confluent back to the attempt that minted it. */
export function markerOf(intentId: string, attempt: number): string {
  return `vend:${intentId}.${attempt}`;
}

export function describeWithMarker(description: string | undefined, intentId: string, attempt: number): string {
  const marker = markerOf(intentId, attempt);
  return description === undefined || description === '' ? marker : `${description} ${marker}`;
}
