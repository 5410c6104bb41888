import type { TraceableResponse } from '../upstream-trace.ts';

/** When ARM throttles without saying for how long. */
const DEFAULT_MS = 5_000;
/** Beyond this it is no wait but a broken clock. */
const MAX_MS = 7 * 86_400_000;

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
