import { expect, it } from 'vitest';
import { summarize } from './summary.ts';

it('summarizes whatever the order', () => {
  expect(summarize([40, 10, 30, 20, 50])).toEqual({ n: 5, min: 10, p25: 20, median: 30, p75: 40, p99: 49.6 });
});

it('interpolates between two samples', () => {
  expect(summarize([1, 2, 3, 4])).toMatchObject({ n: 4, p25: 1.75, median: 2.5, p75: 3.25 });
});

it('takes one sample for all of them', () => {
  expect(summarize([7])).toEqual({ n: 1, min: 7, p25: 7, median: 7, p75: 7, p99: 7 });
});

it('sorts numbers as numbers, and leaves the samples as they were', () => {
  const samples = [100, 9, 11];
  expect(summarize(samples).median).toBe(11);
  expect(samples).toEqual([100, 9, 11]);
});

it.each([[[]], [[1, Number.NaN]], [[Number.POSITIVE_INFINITY]]])('refuses %j', (samples) => {
  expect(() => summarize(samples)).toThrow(RangeError);
});
