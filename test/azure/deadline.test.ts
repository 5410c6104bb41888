import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { within } from '../../src/azure/deadline.ts';

const timers = (): number => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

it('gives what the work gives, and throws what it throws', async () => {
  expect(await within(1_000, async () => 'done')).toBe('done');
  await expect(within(1_000, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});

it('ends the wait at the deadline and tells the work, whether or not it listens', async () => {
  let told: unknown;
  const deaf = within(20, (signal) => {
    signal.addEventListener('abort', () => {
      told = signal.reason;
    });
    return new Promise(() => undefined);
  });
  await expect(deaf).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(told).toMatchObject({ name: 'TimeoutError' });
});

it('has no deadline in the past: the work is begun and then told', async () => {
  await expect(within(-5, () => setTimeout(1_000))).rejects.toMatchObject({ name: 'TimeoutError' });
});

it('leaves no timer behind, which would keep what the work held until it fired', async () => {
  const before = timers();
  await Promise.all(Array.from({ length: 50 }, () => within(60_000, async () => undefined)));
  await Promise.allSettled([within(60_000, () => Promise.reject(new Error('broken')))]);
  expect(timers()).toBe(before);
});
