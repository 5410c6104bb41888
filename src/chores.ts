import type { Afterwards } from './vending/ports/afterwards.ts';

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
