import { setTimeout as sleep } from 'node:timers/promises';
import { onClockMoved } from '../clock/moves.ts';
import type { Invoke } from './invoker.ts';
import type { Schedule } from './ncrontab.ts';
import { startSpan } from './trace.ts';
import type { TimerTrigger } from './triggers.ts';

const LONGEST_SLEEP_MS = 2 ** 31 - 1;
const NEVER = '0001-01-01T00:00:00+00:00';

export interface TimerListener {
  /** No more ticks; resolves once the one under way has ended. */
  close(): Promise<void>;
}

/** Fires at each occurrence; one that falls into a running invocation is skipped. Nothing is caught up after a restart. */
export function listenTimer(
  functionName: string,
  trigger: TimerTrigger,
  schedule: Schedule,
  invoke: Invoke,
): TimerListener {
  const abort = new AbortController();
  let last = NEVER;
  const fire = async (): Promise<void> => {
    const now = new Date();
    const data = timerInfo(last, rfc3339(schedule(now)));
    last = rfc3339(now);
    const reason = `Timer fired at ${last}`;
    await invoke({
      functionName,
      binding: trigger.binding,
      data,
      triggerMetadata: {},
      trace: startSpan(undefined, undefined),
      reason,
    });
  };
  const run = async (): Promise<void> => {
    if (trigger.runOnStartup) await fire();
    while (await sleepUntil(schedule(new Date()), abort.signal)) await fire();
  };
  const running = run();
  return {
    close: () => {
      abort.abort();
      return running;
    },
  };
}

const timerInfo = (last: string, next: string): { json: string } => ({
  json: JSON.stringify({
    Schedule: { AdjustForDST: true },
    ScheduleStatus: { Last: last, Next: next, LastUpdated: last },
    IsPastDue: false,
  }),
});

const rfc3339 = (time: Date): string => time.toISOString().replace(/\.\d+Z$/, '+00:00');

async function sleepUntil(time: Date, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const left = time.getTime() - Date.now();
    if (left <= 0) return true;
    await sleepUnlessMoved(Math.min(left, LONGEST_SLEEP_MS), signal);
  }
  return false;
}

/** Ends early when the clock is moved or the signal says so. */
async function sleepUnlessMoved(ms: number, signal: AbortSignal): Promise<void> {
  const moved = new AbortController();
  const forget = onClockMoved(() => moved.abort());
  const ends = AbortSignal.any([signal, moved.signal]);
  await sleep(ms, undefined, { signal: ends }).catch(() => undefined);
  forget();
}
