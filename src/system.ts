import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { timeLeft } from './azure/deadline.ts';
import { nonceOf } from './vending/model/idempotency.ts';
import type { Clock, Ids, InvocationClock } from './vending/ports/clock.ts';

/** No sleep outlasts the invocation that it belongs to. */
export const systemClock: InvocationClock = {
  now: () => Date.now(),
  timeLeft,
  sleep: (ms) => setTimeout(Math.min(ms, timeLeft())),
};

/** A clock for work that the end of the process hurries: nothing sleeps after `signal`. */
export const hurriedClock = (signal: AbortSignal): Clock => ({
  now: () => Date.now(),
  sleep: (ms) => setTimeout(ms, undefined, { signal }).catch(() => undefined),
});

export const systemIds: Ids = { writeId: () => randomUUID(), nonce: () => nonceOf(randomBytes(4)) };
