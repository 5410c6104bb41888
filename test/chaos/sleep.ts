import type { SandboxClock } from '../../src/sandbox/clock/clock.ts';

/** Sleeps by the clock of the emulated world, so a leap of that clock shortens it. Resolves early when `signal` aborts. */
export function sleepBy(clock: SandboxClock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = (): void => {
      signal.removeEventListener('abort', wake);
      cancel();
      resolve();
    };
    const cancel = clock.at(clock.now() + ms, wake);
    signal.addEventListener('abort', wake);
  });
}
