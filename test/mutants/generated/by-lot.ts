import { createHash } from 'node:crypto';

/** A list in an order that a seed draws. */
export function byLot<T>(list: readonly T[], seed: string): readonly T[] {
  return list
    .map((item, at) => ({ item, lot: createHash('sha256').update(`${seed}:${at}`).digest('hex') }))
    .sort((a, b) => (a.lot < b.lot ? -1 : 1))
    .map(({ item }) => item);
}
