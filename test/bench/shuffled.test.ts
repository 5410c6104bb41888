import { expect, it } from 'vitest';
import { shuffled } from './shuffled.ts';

it('gives the same items in another order, and leaves the list as it was', () => {
  const items = Array.from({ length: 50 }, (_, index) => index);
  const orders = new Set(Array.from({ length: 5 }, () => shuffled(items).join()));
  expect(orders.size).toBe(5);
  expect(shuffled(items).toSorted((a, b) => a - b)).toEqual(items);
  expect(items[0]).toBe(0);
});
