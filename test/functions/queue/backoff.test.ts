import { expect, it } from 'vitest';
import { delayOf, throttledDelayOf } from '../../../src/functions/queue/reschedule.ts';

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

it.each([
  [0, 0, undefined, 0],
  [0, 1, undefined, 5_000],
  [1, 0.5, 1_000, 4_000],
  [2, 1, 0, 7_200],
  [999, 1, 2_000, 302_000],
])(
  'after %o waits, at %o of the window, with Retry-After %o ms, a throttled message waits %o ms',
  (waits, share, retryAfterMs, expected) => {
    expect(throttledDelayOf(BACKOFF, waits, share, retryAfterMs)).toBe(expected);
  },
);
