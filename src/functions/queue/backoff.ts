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

/** Each wait is about a tenth of all waits before, so the last message of a backlog is hardly later than ARM's own limit. */
const GROWTH = 1.2;

/**
 * As long as ARM asked for, and then a share of a window that grows with every wait. Without the shares a backlog would come
 * back as one crowd. With a window that doubles, the last of it would come when ARM has long been idle.
 *
 * @param waits how often the message waited before
 * @param share from 0 to 1: where in the window
 */
export function throttledDelayOf({ baseMs, maxMs }: Backoff, waits: number, share: number, retryAfterMs = 0): number {
  return retryAfterMs + Math.round(share * Math.min(maxMs, baseMs * GROWTH ** waits));
}
