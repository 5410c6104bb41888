import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { timeLeft } from './deadline.ts';
import { parseJson } from './http.ts';
import type { TraceableResponse } from './upstream-trace.ts';

const IN_MILLISECONDS = ['retry-after-ms', 'x-ms-retry-after-ms'] as const;
const RETRY_AFTER = 'retry-after';
const HTTP_DATE = /^[A-Z][a-z]{2}, .+ GMT$/;

/**
 * Milliseconds that an answer asks to wait, from the headers that Azure's own clients honour and in their order.
 *
 * @returns undefined where it does not say for how long
 */
export function askedPauseMs(headers: TraceableResponse['headers'], now: number): number | undefined {
  const [first, second] = IN_MILLISECONDS.map((name) => count(headers.get(name)));
  const asked = headers.get(RETRY_AFTER);
  return first ?? second ?? seconds(asked) ?? untilDate(asked, now);
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

/** Of what is left of a call, for the request that follows a pause: one that the deadline cuts may have taken effect. */
const REQUEST_MS = 2_000;

/**
 * For a pipeline that repeats, below its retries. They would wait for a pause that the deadline cuts short. Then the log would
 * name the deadline, and not the throttling. So the answer ends the call, as an error whose cause has it.
 */
export const noPauseBeyondDeadline: PipelinePolicy = {
  name: 'noPauseBeyondDeadline',
  sendRequest: async (request, next) => {
    const response = await next(request);
    if (response.status !== 429 && response.status !== 503) return response;
    if (![...IN_MILLISECONDS, RETRY_AFTER].some((name) => response.headers.has(name))) return response;
    const pauseMs = askedPauseMs(response.headers, Date.now()) ?? Number.POSITIVE_INFINITY;
    if (pauseMs + REQUEST_MS < timeLeft()) return response;
    // The retries repeat after answers and after a `RestError`. Any other error ends the call.
    const { status, headers, bodyAsText } = response;
    const cause = { response: { status, headers }, details: parseJson(bodyAsText) };
    throw new Error('The service asks to wait for longer than the call has.', { cause });
  },
};
