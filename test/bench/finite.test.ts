import { expect, it } from 'vitest';
import { requireFinite } from './finite.ts';

it.each([Number.NaN, Number.POSITIVE_INFINITY])('finds %d wherever it is', (number) => {
  expect(() => requireFinite({ rows: [{ ms: 1 }, { ms: number }] })).toThrow(`/rows/1/ms is ${number}.`);
});

it('has nothing against the rest', () => {
  requireFinite({ rows: [{ ms: 0, name: 'NaN', none: null }] });
});
