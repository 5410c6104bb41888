import type { MintOutcome, RefusalReason } from '../../vending/ports/confluent.ts';
import type { TraceableResponse } from '../upstream-trace.ts';
import { errorCodeOf, isRefusedByGateway, parseKeyAnswer, traceOfAnswer } from './answer.ts';
import type { ArmAnswer, Exchange } from './transport.ts';

/**
 * The statuses with which ARM or the provider proves that nothing was minted. Any other (408, 409, 499, 5xx, 3xx) proves
 * nothing.
 */
const REFUSALS: ReadonlyMap<number, RefusalReason> = new Map([
  [400, 'upstream-refused'],
  [401, 'upstream-forbidden'],
  [402, 'quota-exhausted'],
  [403, 'upstream-forbidden'],
  [404, 'target-not-found'],
  [405, 'upstream-refused'],
  [413, 'upstream-refused'],
  [415, 'upstream-refused'],
  [422, 'upstream-refused'],
]);

/**
 * How Confluent words an exhausted quota. It names the reason of a refusal and proves none: an error can quote the
 * caller's description.
 */
const QUOTA_TEXT = /quota_exceeded|would exceed the quota|is currently limited to/i;

const FORBIDDING_CODES: ReadonlySet<string | undefined> = new Set(['AuthorizationFailed', 'RequestDisallowedByPolicy']);

/**
 * Classes the one POST by what is proven.
 *
 * @param now milliseconds since the epoch, for a `Retry-After` that is a date.
 */
export function mintOutcomeOf(exchange: Exchange, now: number): MintOutcome {
  switch (exchange.kind) {
    case 'not-sent':
      return { kind: 'not-sent', upstream: exchange.upstream };
    case 'broken':
      return { kind: 'ambiguous', upstream: exchange.upstream };
    case 'answered':
      return outcomeIn(exchange.answer, now);
  }
}

function outcomeIn(answer: ArmAnswer, now: number): MintOutcome {
  const upstream = traceOfAnswer(answer);
  switch (answer.status) {
    case 200:
    case 201:
      return minted(answer);
    case 429:
      return { kind: 'throttled', retryAfterMs: retryAfterMs(answer.headers, now), upstream };
    default: {
      const reason = refusalIn(answer);
      return reason === undefined ? { kind: 'ambiguous', upstream } : { kind: 'refused', reason, upstream };
    }
  }
}

function minted(answer: ArmAnswer): MintOutcome {
  const upstream = traceOfAnswer(answer);
  const parsed = parseKeyAnswer(answer.body);
  if (parsed === undefined) return { kind: 'ambiguous', upstream };
  const { key, secret } = parsed;
  return secret === undefined ? { kind: 'no-secret', key, upstream } : { kind: 'minted', key, secret, upstream };
}

function refusalIn(answer: ArmAnswer): RefusalReason | undefined {
  const reason = REFUSALS.get(answer.status) ?? (isRefusedByGateway(answer) ? 'upstream-refused' : undefined);
  if (reason === undefined) return undefined;
  if (FORBIDDING_CODES.has(errorCodeOf(answer))) return 'upstream-forbidden';
  return QUOTA_TEXT.test(answer.body ?? '') ? 'quota-exhausted' : reason;
}

/** When ARM throttles without saying for how long. */
const DEFAULT_MS = 5_000;
/** ARM counts by the second and by the hour. A longer wait is a broken clock, which must stop nobody for days. */
const MAX_MS = 3_600_000;

const HTTP_DATE = /^[A-Z][a-z]{2}, .+ GMT$/;

/** Milliseconds to wait, from the headers that Azure's own clients honour and in their order. */
export function retryAfterMs(headers: TraceableResponse['headers'], now: number): number {
  const asked =
    count(headers.get('retry-after-ms')) ??
    count(headers.get('x-ms-retry-after-ms')) ??
    seconds(headers.get('retry-after')) ??
    untilDate(headers.get('retry-after'), now);
  return Math.min(asked ?? DEFAULT_MS, MAX_MS);
}

const count = (value: string | null | undefined): number | undefined =>
  value !== undefined && value !== null && /^\d{1,15}$/.test(value) ? Number(value) : undefined;

function seconds(value: string | null | undefined): number | undefined {
  const whole = count(value);
  return whole === undefined ? undefined : whole * 1_000;
}

function untilDate(value: string | null | undefined, now: number): number | undefined {
  if (value === undefined || value === null || !HTTP_DATE.test(value)) return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
