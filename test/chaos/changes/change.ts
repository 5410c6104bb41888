import type { IdempotencyKey } from '../../../src/vending/model/idempotency.ts';
import type { Order } from '../orders.ts';
import type { Random } from '../random.ts';

/** What is asked for of a credential that exists. */
export type Change =
  | {
      readonly operation: 'rotate';
      readonly id: string;
      readonly key: IdempotencyKey & { readonly kind: 'key' };
      /** The key that has to be current, so that of several such rotations one takes place. */
      readonly replaces?: string;
      readonly overlap?: string;
    }
  | { readonly operation: 'end-overlap'; readonly id: string; readonly apiKeyId: string }
  | { readonly operation: 'revoke'; readonly id: string };

/** Everything that somebody may ask for. */
export type Asked = Change | { readonly operation: 'vend'; readonly id: string };

/** Outlasts the run. Policy's own is the shortest that a run sees the end of. */
const LONG_OVERLAP = 'PT2H';

/** What is asked for at once when the first key is there. */
export function firstChanges({ id, fate }: Order, currentKeyId: string, random: Random): readonly Change[] {
  switch (fate) {
    case 'kept':
    case 'expiring':
      return [];
    case 'rotated': {
      const overlap = random.chance(0.3) ? { overlap: LONG_OVERLAP } : {};
      return several(random.int(1, 4), () => ({ ...rotation(id, 'first'), ...overlap }));
    }
    case 'rivals':
      return several(random.int(2, 4), (rival) => ({ ...rotation(id, `rival ${rival}`), replaces: currentKeyId }));
    case 'overlap-ended':
      return [{ ...rotation(id, 'first'), overlap: LONG_OVERLAP }];
    case 'revoked':
      return several(random.int(1, 4), () => ({ operation: 'revoke', id }));
    case 'revoked-midway':
      return [rotation(id, 'first'), { operation: 'revoke', id }];
  }
}

/** Nobody waits for the next rotation then: it would take eighty leaps of the clock, and the run would end before. */
export const outlastsTheRun = (change: Change): boolean =>
  change.operation === 'rotate' && change.overlap === LONG_OVERLAP;

/** Ends the overlap of the key that a rotation replaced. */
export function endOfOverlap({ id, fate }: Order, previousKeyId: string, random: Random): readonly Change[] {
  return fate === 'overlap-ended'
    ? several(random.int(1, 3), () => ({ operation: 'end-overlap', id, apiKeyId: previousKeyId }))
    : [];
}

export function rotation(id: string, name: string): Extract<Change, { operation: 'rotate' }> {
  return { operation: 'rotate', id, key: { kind: 'key', key: `${id} ${name}` } };
}

const several = (count: number, make: (number: number) => Change): readonly Change[] =>
  Array.from({ length: count }, (_, number) => make(number));
