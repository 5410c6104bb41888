import * as z from 'zod';
import type { UpstreamTrace } from '../../vending/model/upstream.ts';
import type { MintOutcome, RefusalReason } from '../../vending/ports/confluent.ts';
import { parseJson } from '../json.ts';
import { traceOfResponse } from '../upstream-trace.ts';
import { parseKeyAnswer } from './key-answer.ts';
import { retryAfterMs } from './retry-after.ts';
import type { ArmAnswer, Exchange } from './transport.ts';

/** The statuses with which ARM proves that it minted nothing. Any other (408, 409, 499, 5xx, 3xx) proves nothing. */
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

/** How Confluent words an exhausted quota; Azure gives it no status of its own. */
const QUOTA_TEXT = /is currently limited to/i;

const errorSchema = z.object({ error: z.object({ code: z.string() }) });

export const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/** What ARM answered, without any of its text: an answer to a mint that could not be read may hold the secret. */
export function traceOfAnswer(answer: ArmAnswer): UpstreamTrace {
  const error = isSuccess(answer.status) ? undefined : errorSchema.safeParse(parseJson(answer.body)).data?.error;
  return traceOfResponse('arm', answer, error?.code);
}

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
      return isSuccess(exchange.answer.status) ? accepted(exchange.answer) : declined(exchange.answer, now);
  }
}

function accepted(answer: ArmAnswer): MintOutcome {
  const upstream = traceOfAnswer(answer);
  const parsed = parseKeyAnswer(answer.body);
  if (parsed === undefined) return { kind: 'ambiguous', upstream };
  const { key, secret } = parsed;
  return secret === undefined ? { kind: 'no-secret', key, upstream } : { kind: 'minted', key, secret, upstream };
}

function declined(answer: ArmAnswer, now: number): MintOutcome {
  const upstream = traceOfAnswer(answer);
  if (answer.status === 429) return { kind: 'throttled', retryAfterMs: retryAfterMs(answer.headers, now), upstream };
  const reason = REFUSALS.get(answer.status);
  if (reason === undefined) return { kind: 'ambiguous', upstream };
  const quota = QUOTA_TEXT.test(answer.body ?? '');
  return { kind: 'refused', reason: quota ? 'quota-exhausted' : reason, upstream };
}
