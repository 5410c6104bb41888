import type { HttpRequest } from '@azure/functions';
import type * as z from 'zod';
import {
  invalidRequest,
  type Problem,
  type ProblemType,
  problemOf,
  type Result,
} from '../../vending/model/problems.ts';
import { withoutNulls } from '../../vending/request/request.ts';
import { parseStrictJson } from '../../vending/request/strict-json.ts';
import { fieldErrors } from '../../vending/request/validation.ts';

/** Bytes. */
export const BODY_LIMIT = 16 * 1024;

/** Reads a JSON body within the limit. The declared length comes first, so that a huge body is not copied. */
export async function readJsonBody(request: HttpRequest): Promise<Result<unknown>> {
  const { headers } = request;
  if (Number(headers.get('content-length') ?? 0) > BODY_LIMIT) return tooLarge;
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.byteLength > BODY_LIMIT) return tooLarge;
  if (bytes.byteLength === 0) return isBodyLost(request) ? chunkedBody : missing;
  const { mediaType, isUtf8 } = readContentType(headers.get('content-type'));
  if (mediaType !== 'application/json')
    return refuse('unsupported-media-type', 'Content-Type must be application/json.');
  if (!isUtf8) return refuse('unsupported-media-type', 'The charset of Content-Type must be utf-8.');
  if (headers.get('content-encoding') !== null) {
    return refuse('unsupported-media-type', 'Content-Encoding is not supported: send the body uncompressed.');
  }
  const parsed = parseStrictJson(bytes);
  return parsed.kind === 'parsed'
    ? { kind: 'valid', value: parsed.value }
    : refuse('malformed-request', `The body is not acceptable JSON: ${parsed.detail}`);
}

/** The same where the body may be left out, which is `{}`. */
export async function readOptionalJsonBody(request: HttpRequest): Promise<Result<unknown>> {
  const read = await readJsonBody(request);
  return read === missing ? { kind: 'valid', value: {} } : read;
}

/** Undefined where the request has no body. A body that the host does not pass on counts: nobody knows what it asks for. */
export async function refuseBody(request: HttpRequest, detail: string): Promise<Problem | undefined> {
  const { headers } = request;
  const isDeclared = Number(headers.get('content-length') ?? 0) > 0 || headers.has('transfer-encoding');
  const hasBody = isDeclared || (await request.arrayBuffer()).byteLength > 0;
  return hasBody ? problemOf('invalid-request', detail) : undefined;
}

/**
 * The Functions host passes a body on only if it has a length. One that is sent in chunks arrives empty, and may then not be
 * taken for one that was left out.
 */
export const isBodyLost = ({ headers }: HttpRequest): boolean =>
  headers.has('transfer-encoding') || (headers.has('content-type') && !headers.has('content-length'));

/** A body as its schema has it. An explicit null is an absent field. */
export function parseBody<Value>(body: Result<unknown>, schema: z.ZodType<Value>): Result<Value> {
  if (body.kind === 'invalid') return body;
  const result = schema.safeParse(withoutNulls(body.value));
  return result.success
    ? { kind: 'valid', value: result.data }
    : { kind: 'invalid', problem: invalidRequest(fieldErrors(result.error.issues)) };
}

const refuse = (type: ProblemType, detail: string) => ({ kind: 'invalid', problem: problemOf(type, detail) }) as const;
const tooLarge = refuse('payload-too-large', `The body may be at most ${BODY_LIMIT} bytes.`);
const missing = refuse('malformed-request', 'The request needs a JSON body.');
export const chunkedBody = refuse(
  'malformed-request',
  'The body arrived empty, because it was sent in chunks. Send it with a Content-Length (in .NET: StringContent, or LoadIntoBufferAsync before sending; in API Management: a set-body policy).',
);

/** Charsets that UTF-8 covers. Clients send `utf8` too, which is not registered. */
const CHARSETS: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);

export interface ContentType {
  /** In lower case, without parameters. */
  readonly mediaType: string;
  readonly isUtf8: boolean;
}

/** JSON is UTF-8 whatever parameters its type has (RFC 8259, 11). Only a charset that says otherwise counts. */
export function readContentType(header: string | null): ContentType {
  const [mediaType = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim().toLowerCase());
  const charsets = parameters.flatMap((parameter) => /^charset\s*=\s*"?([^"]*)"?$/.exec(parameter)?.[1] ?? []);
  return { mediaType, isUtf8: charsets.every((charset) => CHARSETS.has(charset.trim())) };
}
