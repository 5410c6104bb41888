import { createHash } from 'node:crypto';
import type { AttemptName } from './credential.ts';

/** A caller's name for a request: given as a key, or taken from a queue message or a CloudEvent. */
export type IdempotencyKey =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'msg'; readonly messageId: string }
  | { readonly kind: 'ce'; readonly source: string; readonly id: string };

/**
 * 1 to 128 characters of printable ASCII, with spaces inside only. HTTP strips spaces at the ends of a header, and does not
 * say how other bytes of it are encoded. Anything more would be two keys on two transports.
 */
export const IDEMPOTENCY_KEY_PATTERN = /^[!-~](?:[ -~]{0,126}[!-~])?$/;

export const CREDENTIAL_ID_PATTERN = /^[a-z2-7]{26}$/;

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const ID_LENGTH = 26;
/** 30 bits. */
const NONCE_LENGTH = 6;

/** A caller's name for a request, verbatim. Undefined if it breaks `IDEMPOTENCY_KEY_PATTERN`. */
export function parseIdempotencyKey(text: string): string | undefined {
  return IDEMPOTENCY_KEY_PATTERN.test(text) ? text : undefined;
}

/**
 * The id of a credential: 130 bits of the SHA-256 of the JSON array `[caller, kind, …key parts]`, in lower-case base32. An
 * array, so that no two different inputs concatenate to the same text.
 */
export const credentialIdOf = (caller: string, key: IdempotencyKey): string =>
  hash32([caller, key.kind, ...partsOf(key)]).slice(0, ID_LENGTH);

/** Names a rotation within its credential, for the caller who asks. */
export const requestKeyOf = (caller: string, key: IdempotencyKey): string => credentialIdOf(caller, key);

const hash32 = (parts: readonly string[]): string =>
  base32(createHash('sha256').update(JSON.stringify(parts)).digest());

/** @param bytes at least four, random. */
export const nonceOf = (bytes: Uint8Array): string => base32(bytes).slice(0, NONCE_LENGTH);

function partsOf(key: IdempotencyKey): readonly string[] {
  switch (key.kind) {
    case 'key':
      return [key.key];
    case 'msg':
      return [key.messageId];
    case 'ce':
      return [key.source, key.id];
  }
}

/** RFC 4648, lower case, without padding. */
function base32(bytes: Uint8Array): string {
  let [text, bits, value] = ['', 0, 0];
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32[(value >>> (bits - 5)) & 31];
  }
  return bits === 0 ? text : text + BASE32[(value << (5 - bits)) & 31];
}

/** The last word of a key's description: the only thread from Confluent back to the attempt that minted it. */
export const markerOf = (id: string, { attempt, nonce }: AttemptName): string => `vend:${id}.${attempt}.${nonce}`;

export function describeWithMarker(description: string | undefined, id: string, attempt: AttemptName): string {
  const marker = markerOf(id, attempt);
  return description === undefined || description === '' ? marker : `${description} ${marker}`;
}

const MARKER = /(?:^| )vend:([a-z2-7]{26})\.([1-9]\d{0,8})\.([a-z2-7]{6})$/;

/** The attempt that a key's description names; undefined where it ends in no marker. */
export function readMarker(description: string | undefined): (AttemptName & { readonly id: string }) | undefined {
  const [, id, attempt, nonce] = MARKER.exec(description ?? '') ?? [];
  return id === undefined || nonce === undefined ? undefined : { id, attempt: Number(attempt), nonce };
}
