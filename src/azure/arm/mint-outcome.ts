import type { MintOutcome, RefusalReason } from '../../vending/ports/confluent.ts';
import { askedPauseMs } from '../retry-after.ts';
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

/** Milliseconds to wait. */
export const retryAfterMs = (headers: TraceableResponse['headers'], now: number): number =>
  Math.min(askedPauseMs(headers, now) ?? DEFAULT_MS, MAX_MS);
