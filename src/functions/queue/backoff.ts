/** How a request that cannot be served now is tried again, in milliseconds. */
export interface Backoff {
  readonly baseMs: number;
  readonly maxMs: number;
  /** Delayed copies of one request, after which its failure is answered. */
  readonly maxCopies: number;
}

/** Exponential, and never before the time that the upstream asked for. */
export function delayOf({ baseMs, maxMs }: Backoff, count: number, retryAfterMs = 0): number {
  return Math.max(Math.min(maxMs, baseMs * 2 ** (count - 1)), retryAfterMs);
}
