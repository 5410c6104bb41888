import { expect, it } from 'vitest';
import { growthOf } from './memory.ts';

it('compares the medians of the first and the last fifth after the warm-up', () => {
  const warming = [50, 300, 90];
  const watched = [100, 102, 500, 110, 110, 110, 110, 104, 105, 20];
  expect(growthOf([...warming, ...watched], warming.length)).toEqual({
    ...{ maxMb: 500, firstFifthMb: 101, lastFifthMb: 62.5 },
    growthPercent: expect.closeTo(-38.1, 1),
  });
});

it('is nothing for a single look', () => {
  expect(growthOf([80], 0)).toEqual({ maxMb: 80, firstFifthMb: 80, lastFifthMb: 80, growthPercent: 0 });
});
