import { expect, it } from 'vitest';
import { delayOf } from '../../../src/functions/queue/reschedule.ts';

const BACKOFF = { baseMs: 5_000, maxMs: 300_000, maxAttempts: 12 };

it.each([
  [1, undefined, 5_000],
  [2, undefined, 10_000],
  [6, undefined, 160_000],
  [7, undefined, 300_000],
  [999, undefined, 300_000],
  [1, 4_000, 5_000],
  [1, 30_000, 30_000],
  [12, 3_600_000, 3_600_000],
])('attempt %o with Retry-After %o ms waits %o ms', (attempts, retryAfterMs, expected) => {
  expect(delayOf(BACKOFF, attempts, retryAfterMs)).toBe(expected);
});
