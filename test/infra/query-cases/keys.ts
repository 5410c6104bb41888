import { audited, bulk, HOUR, NOW } from '../logged.ts';
import { type Case, type Cases, endOverlap, fail, revoke, rotate, vend } from './case.ts';

const OTHER = { rule: 'billing', cluster: 'lkc-2' };
const ELSEWHERE = { cluster: 'lkc-2' };

/** A credential, and how many keys it has. Is it open too? */
const STANDS: readonly [
  what: string,
  steps: Parameters<typeof audited>[1],
  current: number,
  previous: number,
  open: number,
][] = [
  ['a claim', [['claimVend', HOUR]], 0, 0, 1],
  [
    'an unknown outcome',
    [
      ['claimVend', HOUR],
      ['recordUnknown', HOUR],
    ],
    0,
    0,
    1,
  ],
  ['a first key', vend(HOUR), 1, 0, 0],
  ['a first key after a failure', [...fail(2 * HOUR), ...vend(HOUR)], 1, 0, 0],
  ['an overlap', [...vend(2 * HOUR), ...rotate(HOUR)], 1, 1, 0],
  ['an overlap that is over', [...vend(3 * HOUR), ...rotate(2 * HOUR), ...endOverlap(HOUR)], 1, 0, 0],
  ['a rotation under way', [...vend(2 * HOUR), ['claimRotation', HOUR]], 1, 0, 1],
  ['a rotation that failed', [...vend(2 * HOUR), ['claimRotation', HOUR], ['recordNotMinted', HOUR]], 1, 0, 0],
  ['a revocation under way', [...vend(2 * HOUR), ['revoke', HOUR]], 1, 0, 1],
  ['a revocation in an overlap', [...vend(3 * HOUR), ...rotate(2 * HOUR), ['revoke', HOUR]], 1, 1, 1],
];

export const KEYS: Cases = [
  [
    'teams and clusters, the most keys first',
    [
      ...audited('a', vend(9 * HOUR), OTHER),
      ...audited('b', vend(9 * HOUR)),
      ...audited('c', [...vend(8 * HOUR), ...rotate(7 * HOUR)]),
      ...audited('d', [...vend(9 * HOUR), ...rotate(8 * HOUR)], ELSEWHERE),
    ],
    [
      { team: 'orders', cluster: 'lkc-1', keys: 3, open: 0 },
      { team: 'orders', cluster: 'lkc-2', keys: 2, open: 0 },
      { team: 'billing', cluster: 'lkc-2', keys: 1, open: 0 },
    ],
  ],
  ...STANDS.map(
    ([what, steps, current, previous, open]): Case => [what, audited('a', steps), [{ keys: current + previous, open }]],
  ),
  [
    'what has no key any more',
    [...audited('a', fail(HOUR)), ...audited('b', [...vend(2 * HOUR), ...revoke(HOUR)])],
    [],
  ],
  ['a bulk operation', [bulk(HOUR)], []],
];

const refusal = (ago: number): Parameters<typeof audited>[1] => [
  ['claimVend', ago],
  ['recordNotMinted', ago, { problem: 'quota-exhausted' }],
];

export const LIMITS: Cases = [
  [
    'clusters, the most refusals first, and then the most keys',
    [
      ...audited('f', vend(9 * HOUR), { cluster: 'lkc-3' }),
      ...audited('a', vend(9 * HOUR)),
      ...audited('b', [...vend(9 * HOUR), ...rotate(8 * HOUR)]),
      ...audited('c', vend(9 * HOUR), ELSEWHERE),
      ...audited('d', refusal(3 * HOUR), ELSEWHERE),
      ...audited('e', refusal(2 * HOUR), ELSEWHERE),
    ],
    [
      { cluster: 'lkc-2', current: 1, previous: 0, open: 0, refusals: 2, lastRefusal: NOW - 2 * HOUR },
      { cluster: 'lkc-1', current: 2, previous: 1, open: 0, refusals: 0, lastRefusal: null },
      { cluster: 'lkc-3', current: 1, previous: 0, open: 0, refusals: 0, lastRefusal: null },
    ],
  ],
  ...STANDS.map(
    ([what, steps, current, previous, open]): Case => [
      what,
      audited('a', steps),
      [{ current, previous, open, refusals: 0 }],
    ],
  ),
  [
    'a refusal of a rotation, which later records repeat',
    audited('a', [
      ...vend(3 * HOUR),
      ['claimRotation', 2 * HOUR],
      ['recordNotMinted', 2 * HOUR, { problem: 'quota-exhausted' }],
      ['revoke', HOUR],
    ]),
    [{ current: 1, open: 1, refusals: 1, lastRefusal: NOW - 2 * HOUR }],
  ],
  [
    'what has no key any more',
    [...audited('a', fail(HOUR)), ...audited('b', [...vend(2 * HOUR), ...revoke(HOUR)])],
    [{ current: 0, previous: 0, open: 0, refusals: 0 }],
  ],
  ['a bulk operation', [bulk(HOUR)], []],
];
