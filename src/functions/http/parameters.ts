import * as z from 'zod';
import { parseIdempotencyKey } from '../../vending/model/idempotency.ts';
import {
  invalidRequest,
  type ParameterError,
  type ProblemType,
  problemOf,
  type Result,
} from '../../vending/model/problems.ts';
import { MAX_ERRORS, pointerTo } from '../../vending/request/validation.ts';

/** The host and API Management read their own keys from these. The host merges names that differ in case. */
const OF_GATEWAYS: ReadonlySet<string> = new Set(['code', 'subscription-key']);

/** For a route without query parameters. */
export const noParameters = z.strictObject({});

const DEFAULT_LIMIT = 50;
/** Rows of one page. */
export const pageSize = (most: number) =>
  z
    .string()
    .regex(/^[1-9]\d{0,4}$/, `must be a whole number, 1 to ${most}`)
    .transform(Number)
    .refine((size) => size <= most, `must be a whole number, 1 to ${most}`)
    .default(DEFAULT_LIMIT);

/** A page of a list. */
export const pageParameters = z.strictObject({
  limit: pageSize(DEFAULT_LIMIT),
  cursor: z
    .string()
    .regex(/^[!-~]{1,300}$/, 'must be the next of an earlier page')
    .exactOptional(),
});

/**
 * Reads the query parameters of a route. An unknown one is refused: a `validateOnly` that is misspelt, or that stands where
 * nothing reads it, would let the real thing happen. Names of known parameters have to be spelled as they are documented.
 */
export function readQuery<Query>(query: URLSearchParams, parameters: z.ZodObject & z.ZodType<Query>): Result<Query> {
  const entries = [...query].filter(([name]) => !OF_GATEWAYS.has(name.toLowerCase()));
  const names = entries.map(([name]) => name.toLowerCase());
  const repeated = entries.find((_, at) => names.indexOf(names[at] ?? '') !== at);
  if (repeated !== undefined) return refused([errorAt(repeated[0], 'may be given once')]);
  const parsed = parameters.safeParse(Object.fromEntries(entries));
  if (parsed.success) return { kind: 'valid', value: parsed.data };
  const known = Object.keys(parameters.shape);
  return refused(
    parsed.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((name) => errorAt(name, unknownDetail(name, known)))
        : [errorAt(String(issue.path[0]), issue.message)],
    ),
  );
}

function unknownDetail(name: string, known: readonly string[]): string {
  const meant = known.find((each) => each.toLowerCase() === name.toLowerCase());
  if (meant !== undefined) return `must be spelled ${meant}`;
  const isOfBody = name.toLowerCase() === 'validateonly';
  return isOfBody ? 'is no query parameter here: send it in the JSON body' : 'is not a known query parameter';
}

/** The name is the caller's text. */
const errorAt = (name: string, detail: string): ParameterError => ({ parameter: pointerTo([name]).slice(1), detail });

const refused = (errors: readonly ParameterError[]) =>
  ({ kind: 'invalid', problem: invalidRequest(errors.slice(0, MAX_ERRORS)) }) as const;

/**
 * The `Idempotency-Key` header.
 *
 * Several header lines arrive as one, joined by commas. The same key sent twice would then be another key than the one that
 * is sent once, and lead to a second API key. So the header takes no comma at all.
 */
export function readIdempotencyHeader(header: string | null): Result<string> {
  if (header === null) return missing('Send an Idempotency-Key header, the same for every retry of this request.');
  if (header.includes(',')) return refuse('invalid-request', SEVERAL);
  const key = parseIdempotencyKey(header);
  return key === undefined ? refuse('invalid-request', BROKEN) : { kind: 'valid', value: key };
}

/** The header, or `idempotencyKey` in the body, which may have commas. Where both are given they must agree. */
export function readIdempotencyKey(header: string | null, inBody: string | undefined): Result<string> {
  if (header !== null) {
    const read = readIdempotencyHeader(header);
    return read.kind === 'valid' && inBody !== undefined && inBody !== read.value
      ? refuse('invalid-request', 'The Idempotency-Key header and idempotencyKey in the body differ.')
      : read;
  }
  return inBody === undefined ? missing(EITHER) : { kind: 'valid', value: inBody };
}

const refuse = (type: ProblemType, detail: string): Result<string> => ({
  kind: 'invalid',
  problem: problemOf(type, detail),
});
const missing = (detail: string): Result<string> => refuse('idempotency-key-required', detail);

const EITHER =
  'Send an Idempotency-Key header (or idempotencyKey in the body), the same for every retry of this request.';
const BROKEN = 'Idempotency-Key must be 1 to 128 printable ASCII characters.';
const SEVERAL =
  'Idempotency-Key must be one header line, without a comma: several lines arrive joined by commas. When vending, a key with a comma can be sent as idempotencyKey in the body.';
