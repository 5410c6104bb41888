import type { HttpRequest } from '@azure/functions';
import type { Problem } from '../../vending/model/problems.ts';
import { parseStrictJson } from '../../vending/request/strict-json.ts';

/** Bytes. */
export const BODY_LIMIT = 16 * 1024;

export type BodyRead =
  | { readonly kind: 'read'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** Reads a JSON body within the limit. The declared length is judged first, so that a huge body is not even copied. */
export async function readJsonBody(request: HttpRequest): Promise<BodyRead> {
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(request.headers.get('content-type') ?? '')) {
    return refuse('unsupported-media-type', 'Content-Type must be application/json in UTF-8.');
  }
  if (request.headers.get('content-encoding') !== null) {
    return refuse('unsupported-media-type', 'Content-Encoding is not supported.');
  }
  if (Number(request.headers.get('content-length') ?? 0) > BODY_LIMIT) return tooLarge;
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.byteLength > BODY_LIMIT) return tooLarge;
  const parsed = parseStrictJson(bytes);
  return parsed.kind === 'parsed'
    ? { kind: 'read', value: parsed.value }
    : refuse('malformed-request', `The body is not acceptable JSON: ${parsed.detail}`);
}

const refuse = (type: Problem['type'], detail: string): BodyRead => ({ kind: 'refused', problem: { type, detail } });
const tooLarge = refuse('payload-too-large', `The body may be at most ${BODY_LIMIT} bytes.`);
