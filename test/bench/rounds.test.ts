import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { timed } from './rounds.ts';

it('takes so many samples of each, one vend at a time', async () => {
  const calls = { floor: 0, ours: 0 };
  let [underWay, most] = [0, 0];
  const vendOf = (name: keyof typeof calls) => async (): Promise<void> => {
    calls[name]++;
    most = Math.max(most, ++underWay);
    await sleep(2);
    underWay--;
  };
  const vends = { floor: vendOf('floor'), ours: vendOf('ours') };
  const samples = await timed(vends, { rounds: 3, iterations: 4, warmup: 2, beside: false });
  expect({ floor: samples.floor.length, ours: samples.ours.length, most }).toEqual({ floor: 12, ours: 12, most: 1 });
  expect(calls).toEqual({ floor: 14, ours: 14 });
  expect(Math.min(...samples.ours)).toBeGreaterThan(0);
});

it('lets them run beside each other, one vend of each in flight', async () => {
  const underWay = { floor: 0, ours: 0 };
  let [most, together] = [0, 0];
  const vendOf = (name: keyof typeof underWay) => async (): Promise<void> => {
    most = Math.max(most, ++underWay[name]);
    together = Math.max(together, underWay.floor + underWay.ours);
    // Longer than they are held apart.
    await sleep(150);
    underWay[name]--;
  };
  await timed({ floor: vendOf('floor'), ours: vendOf('ours') }, { rounds: 1, iterations: 2, warmup: 0, beside: true });
  expect({ most, together }).toEqual({ most: 1, together: 2 });
});

it.each([true, false])('fails where a vend fails, beside: %s', async (beside) => {
  const ours = async (): Promise<void> => {
    throw new Error('refused');
  };
  await expect(timed({ ours }, { rounds: 1, iterations: 2, warmup: 0, beside })).rejects.toThrow('refused');
});
