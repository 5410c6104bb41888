/** How a message that cannot be served now is tried again, in milliseconds. */
export interface Backoff {
  readonly baseMs: number;
  readonly maxMs: number;
  /** How often a message is rescheduled before its failure is answered. */
  readonly maxAttempts: number;
}

/** Exponential, and never before the time that the upstream asked for. */
export function delayOf({ baseMs, maxMs }: Backoff, attempts: number, retryAfterMs = 0): number {
  return Math.max(Math.min(maxMs, baseMs * 2 ** Math.max(0, attempts - 1)), retryAfterMs);
}
