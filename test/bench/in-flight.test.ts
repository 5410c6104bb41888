import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { vendInFlight } from './in-flight.ts';

it('has so many under way at a time and asks so often', async () => {
  let [asked, underWay, most] = [0, 0, 0];
  const vend = async (): Promise<void> => {
    asked++;
    most = Math.max(most, ++underWay);
    await turn();
    underWay--;
    if (asked % 5 === 0) throw new Error('busy');
  };
  const served = await vendInFlight(vend, { vends: 50, concurrency: 8 });
  expect({ asked, most }).toEqual({ asked: 50, most: 8 });
  expect(served.vended + served.refused).toBe(50);
  expect(served.refused).toBeGreaterThan(0);
});

it('gives up where not one is vended', async () => {
  const vend = async (): Promise<void> => {
    throw new Error('nobody there');
  };
  await expect(vendInFlight(vend, { vends: 3, concurrency: 2 })).rejects.toThrow('nobody there');
});
