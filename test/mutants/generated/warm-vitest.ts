import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Order, type Report, report } from './protocol.ts';

export interface WarmVitest {
  /** @returns undefined where it took too long, and was killed. */
  run(order: Order, timeoutMs: number): Promise<Report | undefined>;
  stop(): void;
}

/** Starts Vitest when it is first needed, and again after each kill. */
export function warmVitest(): WarmVitest {
  let child: ChildProcess | undefined;

  async function started(): Promise<ChildProcess> {
    if (child !== undefined) return child;
    // A group of its own: its workers end with it, even one that is caught in a loop.
    const begun = fork(join(import.meta.dirname, 'runner.ts'), {
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child = begun;
    begun.once('exit', () => {
      if (child === begun) child = undefined;
    });
    await once(begun, 'message');
    return begun;
  }

  function stop(): void {
    if (child?.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    child = undefined;
  }

  return {
    stop,
    run: async (order, timeoutMs) => {
      const runner = await started();
      const ended = new AbortController();
      const { signal } = ended;
      try {
        const answer = once(runner, 'message', { signal });
        const exit = once(runner, 'exit', { signal }).then(() => {
          throw new Error('Vitest ended.');
        });
        runner.send(order);
        const first = await Promise.race([answer, exit, delay(timeoutMs, undefined, { signal })]);
        if (first === undefined) stop();
        return first === undefined ? undefined : report.parse(first[0]);
      } finally {
        ended.abort();
      }
    },
  };
}
