import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { inTime } from '../../src/functions/in-time.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('work that is done in time leaves no timer: it would keep the process alive', async () => {
  expect(await inTime(1_000, Promise.resolve('done'), 'late')).toBe('done');
  expect(vi.getTimerCount()).toBe(0);
});

it('work that fails leaves none either', async () => {
  await expect(inTime(1_000, Promise.reject(new Error('no')), 'late')).rejects.toThrow('no');
  expect(vi.getTimerCount()).toBe(0);
});

it('work that takes longer is not waited for', async () => {
  const late = inTime(1_000, new Promise<string>(() => undefined), 'late');
  await vi.advanceTimersByTimeAsync(999);
  expect(await Promise.race([late, 'waited for'])).toBe('waited for');
  await vi.advanceTimersByTimeAsync(1);
  expect(await late).toBe('late');
});
