import { expect, it } from 'vitest';
import { byLot } from './by-lot.ts';

it('draws one order for each seed', () => {
  const list = Array.from({ length: 50 }, (_, at) => at);
  const drawn = byLot(list, '1');
  expect(drawn).toEqual(byLot(list, '1'));
  expect(drawn).not.toEqual(byLot(list, '2'));
  expect(drawn).not.toEqual(list);
  expect([...drawn].sort((a, b) => a - b)).toEqual(list);
});
