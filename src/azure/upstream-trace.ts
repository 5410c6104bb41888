import * as z from 'zod';
import type { UpstreamService, UpstreamTrace } from '../vending/model/tracing.ts';

/** As much of a response as a trace needs; `HttpHeaders`, `Headers` and raw AMQP answers fit. */
export interface TraceableResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null | undefined };
}

// Confluent secrets begin with `cflt`: an answer that puts one where a code belongs must not get it into a log.
const CODE = /^(?!cflt)[A-Za-z0-9_.-]{1,64}$/;
const REQUEST_ID = /^(?!cflt)[A-Za-z0-9_.:-]{1,128}$/;

const REQUEST_ID_HEADER = 'x-ms-request-id';
const NAMES_THAT_SAY_NOTHING: ReadonlySet<string> = new Set(['Error', 'TypeError', 'RestError', 'AggregateError']);

/** How many errors of a chain of causes are looked at; a chain may be a circle. */
const MAX_CHAIN = 8;

const code = z.string().regex(CODE).optional().catch(undefined);
const status = z.int().min(100).max(599).optional().catch(undefined);
const coded = z.object({ code }).optional().catch(undefined);
/** Key Vault's inner code is the precise one. It is `innererror` on the wire, and its client spells it `innerError`. */
const nested = z.object({ code, innerError: coded, innererror: coded }).optional().catch(undefined);

/** The places in which the Azure clients, MSAL, jose and Node put what a trace may hold. Messages are not among them. */
const errorShape = z.object({
  name: code,
  code,
  errorCode: code,
  statusCode: status,
  status,
  details: z.object({ error: nested, odataError: coded }).optional().catch(undefined),
  response: z
    .object({ status, headers: z.custom<TraceableResponse['headers']>(hasGet) })
    .optional()
    .catch(undefined),
  cause: z.unknown().optional(),
  errors: z.array(z.unknown()).optional().catch(undefined),
});
type ErrorShape = z.infer<typeof errorShape>;

/** The part of a thrown value that may be logged: the first status, code and request id along its causes, no message. */
export function traceOf(service: UpstreamService, error: unknown): UpstreamTrace {
  const chain = chainOf(error);
  const statusCode = firstOf(chain, (each) => each.statusCode ?? each.status ?? each.response?.status);
  const codeOfError = firstOf(chain, codeOf) ?? firstOf(chain, nameOf);
  const requestId = firstOf(chain, (each) => each.response?.headers.get(REQUEST_ID_HEADER));
  return trace(service, statusCode, codeOfError, requestId);
}

/** The part of an answer that may be logged. A `code` that does not look like one is dropped. */
export function traceOfResponse(
  service: UpstreamService,
  response: TraceableResponse,
  codeOfAnswer?: string,
): UpstreamTrace {
  return trace(service, response.status, codeOfAnswer, response.headers.get(REQUEST_ID_HEADER));
}

function trace(
  service: UpstreamService,
  statusCode: number | undefined,
  codeOfAnswer: string | undefined,
  requestId: string | null | undefined,
): UpstreamTrace {
  return {
    service,
    ...(statusCode === undefined ? {} : { status: statusCode }),
    ...(codeOfAnswer !== undefined && CODE.test(codeOfAnswer) ? { code: codeOfAnswer } : {}),
    ...(typeof requestId === 'string' && REQUEST_ID.test(requestId) ? { requestId } : {}),
  };
}

function codeOf({ details, code, errorCode }: ErrorShape): string | undefined {
  const inner = details?.error?.innerError?.code ?? details?.error?.innererror?.code;
  return inner ?? details?.error?.code ?? details?.odataError?.code ?? code ?? errorCode;
}

const nameOf = (error: ErrorShape): string | undefined =>
  error.name !== undefined && NAMES_THAT_SAY_NOTHING.has(error.name) ? undefined : error.name;

/** The error and what it names as causes or parts, nearest first. */
function chainOf(error: unknown): ErrorShape[] {
  const chain: ErrorShape[] = [];
  const pending: unknown[] = [error];
  while (pending.length > 0 && chain.length < MAX_CHAIN) {
    const parsed = errorShape.safeParse(pending.shift());
    if (!parsed.success) continue;
    chain.push(parsed.data);
    pending.push(parsed.data.cause, ...(parsed.data.errors ?? []).slice(0, MAX_CHAIN));
  }
  return chain;
}

function firstOf<T>(chain: readonly ErrorShape[], pick: (error: ErrorShape) => T | null | undefined): T | undefined {
  for (const error of chain) {
    const found = pick(error);
    if (found !== undefined && found !== null) return found;
  }
  return undefined;
}

function hasGet(headers: unknown): boolean {
  return typeof headers === 'object' && headers !== null && typeof Reflect.get(headers, 'get') === 'function';
}
