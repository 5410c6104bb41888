import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { timeLeft, withoutDeadline } from './azure/deadline.ts';
import { nonceOf } from './vending/model/idempotency.ts';
import type { BackgroundTasks, Clock, Ids, InvocationClock } from './vending/ports/runtime.ts';

/** No sleep outlasts the invocation that it belongs to. */
export const systemClock: InvocationClock = {
  now: () => Date.now(),
  timeLeft,
  sleep: (ms) => setTimeout(Math.min(ms, timeLeft())),
};

/** A clock for work that the end of the process hurries: nothing sleeps after `signal`. */
export const abortableClock = (signal: AbortSignal): Clock => ({
  now: () => Date.now(),
  sleep: (ms) => setTimeout(ms, undefined, { signal }).catch(() => undefined),
});

export const systemIds: Ids = { writeId: () => randomUUID(), nonce: () => nonceOf(randomBytes(4)) };

export interface TaskTracker {
  readonly run: BackgroundTasks;
  /** The same work, which the end of the process waits for. */
  track<T>(work: Promise<T>): Promise<T>;
  /** Resolves when everything that was begun, and what that begins, has ended. */
  done(): Promise<void>;
}

export function createTaskTracker(): TaskTracker {
  const running = new Set<Promise<unknown>>();
  function track<T>(work: Promise<T>): Promise<T> {
    running.add(work);
    const forget = (): void => void running.delete(work);
    work.then(forget, forget);
    return work;
  }
  return {
    track,
    run: (work) => {
      // A failure has no consequence here. As an unhandled rejection it would end the process.
      const task = withoutDeadline(() =>
        Promise.resolve()
          .then(work)
          .catch(() => undefined),
      );
      void track(task);
    },
    done: async () => {
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
}
