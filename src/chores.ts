import type { Afterwards } from './vending/ports/background-tasks.ts';

export interface Chores {
  readonly afterwards: Afterwards;
  /** Resolves when all that was begun is done. */
  done(): Promise<void>;
}

export function createChores(): Chores {
  const running = new Set<Promise<void>>();
  return {
    afterwards: async (work) => {
      // What fails was to be left undone anyway; as an unhandled rejection it would end the process.
      const chore = Promise.resolve()
        .then(work)
        .catch(() => undefined)
        .finally(() => running.delete(chore));
      running.add(chore);
    },
    done: async () => {
      await Promise.all(running);
    },
  };
}
