import { withoutDeadline } from './azure/deadline.ts';
import type { BackgroundTasks } from './vending/ports/background-tasks.ts';

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
