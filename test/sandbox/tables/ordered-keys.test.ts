import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createOrderedKeys, type OrderedKeys } from '../../../src/sandbox/tables/memory/ordered-keys.ts';

const MANY = 5_000;
const keyOf = (number: number): string => String(number).padStart(6, '0');
const ascending = Array.from({ length: MANY }, (_none, place) => keyOf(place * 2));

function filledWith(keys: readonly string[]): OrderedKeys {
  const ordered = createOrderedKeys();
  for (const key of keys) ordered.insert(key);
  return ordered;
}

it.each([
  ['in order', ascending],
  ['in reverse', ascending.toReversed()],
  ['from the middle', [...ascending.slice(MANY / 2), ...ascending.slice(0, MANY / 2)]],
  ['like a comb', [...ascending.filter((_, place) => place % 3), ...ascending.filter((_, place) => place % 3 === 0)]],
])('keys inserted %s are given in order', (_name, keys) => {
  expect(filledWith(keys).range('', undefined, MANY + 1)).toEqual(ascending);
});

it('any insertions and removals leave what a sorted set has, for any range', () => {
  const number = fc.nat(2 * MANY);
  const step = fc.record({
    first: number,
    count: fc.integer({ min: 1, max: 1500 }),
    stride: fc.integer({ min: 1, max: 7 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.array(fc.tuple(number, number, fc.nat(50))), (steps, ranges) => {
      const ordered = filledWith(ascending);
      const model = new Set(ascending);
      for (const { first, count, stride } of steps) {
        for (let place = 0; place < count; place++) toggle(ordered, model, keyOf(first + place * stride));
      }
      const sorted = [...model].sort();
      expect(ordered.range('', undefined, Number.POSITIVE_INFINITY)).toEqual(sorted);
      for (const [start, end, count] of ranges) {
        const inside = sorted.filter((key) => key >= keyOf(start) && key < keyOf(end));
        expect(ordered.range(keyOf(start), keyOf(end), count)).toEqual(inside.slice(0, count));
      }
    }),
    { numRuns: 200 },
  );
});

it('there is nothing in an empty one, also once all are removed, and removing what is not there changes nothing', () => {
  const ordered = createOrderedKeys();
  ordered.remove('a');
  expect(ordered.range('', undefined, 1)).toEqual([]);
  for (const key of ascending) ordered.insert(key);
  ordered.remove(keyOf(1));
  expect(ordered.range('', undefined, MANY + 1)).toEqual(ascending);
  for (const key of ascending.toReversed()) ordered.remove(key);
  expect(ordered.range('', undefined, 1)).toEqual([]);
});

function toggle(ordered: OrderedKeys, model: Set<string>, key: string): void {
  if (model.delete(key)) ordered.remove(key);
  else {
    model.add(key);
    ordered.insert(key);
  }
}
