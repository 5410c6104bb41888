import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { timeLeft, withDeadline, within, withoutDeadline } from '../../src/azure/deadline.ts';
import { abortableClock, systemClock } from '../../src/runtime.ts';

const never = () => new Promise<never>(() => undefined);

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** What became of a wait after so many milliseconds. */
async function after(ms: number, waiting: Promise<unknown>): Promise<unknown> {
  let state: unknown = 'waiting';
  waiting.then(
    () => {
      state = 'ended';
    },
    (error: unknown) => {
      state = error instanceof Error ? error.name : error;
    },
  );
  await vi.advanceTimersByTimeAsync(ms);
  return state;
}

it('work ends at its own deadline where the invocation has more time', async () => {
  const waiting = withDeadline(200, () => within(50, never));
  expect(await after(49, waiting)).toBe('waiting');
  expect(await after(1, waiting)).toBe('TimeoutError');
});

it('work ends with the invocation where its own deadline is later', async () => {
  const waiting = withDeadline(200, async () => {
    await within(150, never).catch(() => undefined);
    return within(150, never);
  });
  expect(await after(199, waiting)).toBe('waiting');
  expect(await after(1, waiting)).toBe('TimeoutError');
});

it('the signal of work is aborted at the deadline', async () => {
  let seen: AbortSignal | undefined;
  const waiting = within(50, (signal) => {
    seen = signal;
    return never();
  });
  await after(50, waiting);
  expect(seen?.reason).toMatchObject({ name: 'TimeoutError' });
});

it('an invocation within an invocation has no more time than the outer one', () => {
  withDeadline(100, () => withDeadline(200, () => expect(timeLeft()).toBe(100)));
});

it('an invocation whose time is over has none left', () => {
  withDeadline(100, () => {
    vi.advanceTimersByTime(101);
    expect(timeLeft()).toBe(0);
  });
});

it('outside of an invocation there is no deadline but that of the work', async () => {
  const waiting = withDeadline(10, () => withoutDeadline(() => within(50, never)));
  expect(await after(49, waiting)).toBe('waiting');
  expect(await after(1, waiting)).toBe('TimeoutError');
});

it('gives what the work gives, and throws what it throws', async () => {
  expect(await within(1_000, async () => 'done')).toBe('done');
  await expect(within(1_000, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});

it('work with a deadline in the past is begun, and ends at once', async () => {
  expect(await after(0, within(-5, never))).toBe('TimeoutError');
});

it('work that is done in time leaves no timer behind', async () => {
  await within(60_000, async () => undefined);
  await within(60_000, () => Promise.reject(new Error('broken'))).catch(() => undefined);
  expect(vi.getTimerCount()).toBe(0);
});

it('no sleep outlasts its invocation', async () => {
  vi.useRealTimers();
  const ended = withDeadline(5, () => systemClock.sleep(3_600_000));
  await expect(ended).resolves.toBeUndefined();
});

it('a hurried clock sleeps no longer once the process is to end', async () => {
  vi.useRealTimers();
  const stopping = new AbortController();
  const clock = abortableClock(stopping.signal);
  const sleeping = clock.sleep(3_600_000);
  stopping.abort();
  await expect(sleeping).resolves.toBeUndefined();
  await expect(clock.sleep(3_600_000)).resolves.toBeUndefined();
});
