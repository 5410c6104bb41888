import { expect, it } from 'vitest';
import { orderOf } from './orders.ts';
import { Random } from './random.ts';
import { Totals } from './totals.ts';
import { FAULT_NAMES } from './weather.ts';

const RANDOM = new Random('totals');

const round = ({
  orders = 60,
  faults = new Map(FAULT_NAMES.map((name) => [name, 1])),
  discrepancies = [],
}: {
  readonly orders?: number;
  readonly faults?: ReadonlyMap<string, number>;
  readonly discrepancies?: readonly string[];
}) => ({
  orders: Array.from({ length: orders }, (_, number) => orderOf(number, RANDOM)),
  faults,
  discrepancies,
  records: [],
  kills: 1,
  jumps: 1,
  decisions: 0,
  reviews: 1,
});

const after = (...rounds: readonly Parameters<typeof round>[0][]): Totals => {
  const totals = new Totals();
  for (const each of rounds) totals.add(round(each), 60);
  return totals;
};

it('a short run is right although no operator decided anything', () => {
  expect(after({}).missing()).toEqual([]);
  expect(after({}).isRight()).toBe(true);
});

it('a run is not right where something never happened in all its rounds', () => {
  const once = new Map(FAULT_NAMES.slice(1).map((name) => [name, 1]));
  expect(after({ orders: 1_000, faults: once }, { orders: 1_000, faults: once }).missing()).toContain(FAULT_NAMES[0]);
  expect(after({ orders: 1_000, faults: once }, { orders: 1_000 }).missing()).not.toContain(FAULT_NAMES[0]);
  expect(after({ orders: 1_000 }).isRight()).toBe(false);
});

it('a run is not right where one round has a discrepancy', () => {
  expect(after({}, { discrepancies: ['a key lives'] }, {}).isRight()).toBe(false);
});
