import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Afterwards } from './vending/ports/afterwards.ts';
import type { Clock, Ids } from './vending/ports/clock.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => setTimeout(ms),
};

export const systemIds: Ids = { writeId: () => randomUUID() };

export interface Chores {
  readonly afterwards: Afterwards;
  /** Resolves when all that was begun is done. */
  done(): Promise<void>;
}

export function createChores(): Chores {
  const running = new Set<Promise<void>>();
  return {
    afterwards: async (work) => {
      const chore = work().finally(() => running.delete(chore));
      running.add(chore);
    },
    done: async () => {
      await Promise.allSettled(running);
    },
  };
}
