import type { Row } from '../drills/values.ts';
import { audited, bulk, DAY, HOUR, NOW, SECOND } from '../logged.ts';
import { abandoned, abandonedWithKey, type Case, type Cases, endOverlap, fail, revoke, rotate, vend } from './case.ts';

/** A first key, whose claim is so long ago, and the milliseconds that its two steps took. */
const timed = (id: string, ago: number, mintMs: number, storeMs: number): Row[] =>
  audited(id, [
    ['claimVend', ago],
    ['recordMinted', ago - mintMs],
    ['recordVended', ago - mintMs - storeMs],
  ]);
const NOTHING = { mintMs50: null, mintMs95: null, storeMs50: null, storeMs95: null };

export const DURATIONS: Cases = [
  [
    'hours in their order, and of each the middle and the slow ones',
    [
      ...Array.from({ length: 20 }, (_, at) => timed(`c${at}`, 2 * HOUR, 100 + at, 1_000 - at)).flat(),
      ...timed('d', 5 * HOUR, 7, 8),
    ],
    [
      { hour: NOW - 5 * HOUR, keys: 1, mintMs50: 7, mintMs95: 7, storeMs50: 8, storeMs95: 8 },
      { hour: NOW - 2 * HOUR, keys: 20, mintMs50: 109, mintMs95: 118, storeMs50: 990, storeMs95: 999 },
    ],
  ],
  [
    'an attempt that goes on in the next hour',
    timed('c', 5 * HOUR + 10, 100, 200),
    [{ hour: NOW - 6 * HOUR, keys: 1, mintMs50: 100, storeMs50: 200 }],
  ],
  [
    'a first key and its rotation',
    audited('c', [
      ...vend(2 * HOUR - 10 * SECOND),
      ['claimRotation', 2 * HOUR - 20 * SECOND],
      ['recordMinted', 2 * HOUR - 23 * SECOND],
      ['recordVended', 2 * HOUR - 27 * SECOND],
    ]),
    [{ hour: NOW - 2 * HOUR, keys: 2, mintMs50: 1_000, mintMs95: 3_000, storeMs50: 1_000, storeMs95: 4_000 }],
  ],
  [
    'a key that the ledger heard of only when it was stored',
    audited('c', [
      ['claimVend', HOUR],
      ['recordVended', HOUR],
    ]),
    [{ ...NOTHING, keys: 1 }],
  ],
  [
    'a worker that died before it stored a key: the wait for the reconciler is no duration',
    audited('c', [...abandonedWithKey(HOUR), ['recoverVended', HOUR]]),
    [{ ...NOTHING, keys: 0, mintMs50: SECOND, mintMs95: SECOND }],
  ],
  ['an attempt that failed', audited('c', fail(HOUR)), [{ ...NOTHING, keys: 0 }]],
  [
    'what became of older keys',
    [
      ...audited('c', [...vend(3 * DAY), ...rotate(2 * DAY), ...endOverlap(2 * HOUR), ...revoke(HOUR)]),
      ...audited('d', [...abandoned(2 * DAY), ['recoverUnknown', HOUR]]),
      bulk(HOUR),
    ],
    [],
  ],
];

const NEAR_EXPIRY = 'SecretNearExpiryEventGridNotification';
/** Key Vault's record, as Azure Monitor flattens it. @param ago days before now @param left days from now */
export const near = (
  ago: number,
  left: number,
  { name = 'ck-a', ...others }: Row & { readonly name?: string } = {},
): Row => ({
  ...{
    TimeGenerated: NOW - ago * DAY,
    ResourceProvider: 'MICROSOFT.KEYVAULT',
    Resource: 'V',
    OperationName: NEAR_EXPIRY,
  },
  eventGridEventProperties_data_ObjectName_s: name,
  eventGridEventProperties_data_EXP_d: (NOW + left * DAY) / 1_000,
  ...others,
});
const AT_20_DAYS = { expires: NOW + 20 * DAY, daysLeft: 20 };

export const EXPIRING: Cases = [
  [
    'secrets of which nothing was heard, the first to expire first',
    [near(10, 20), near(25, 5, { name: 'ck-b', Resource: 'OTHER' })],
    [
      { expires: NOW + 5 * DAY, daysLeft: 5, vault: 'other', secretName: 'ck-b' },
      { ...AT_20_DAYS, vault: 'v', secretName: 'ck-a' },
    ],
  ],
  ['a secret that was vended before', [near(10, 20), ...audited('a', vend(40 * DAY))], [AT_20_DAYS]],
  ['a secret that was renewed', [near(10, 20), ...audited('a', [...vend(40 * DAY), ...rotate(9 * DAY)])], []],
  ...(['recoverVended', 'resolveAsVended'] as const).map(
    (change): Case => [
      `a secret that was renewed: ${change}`,
      [near(10, 20), ...audited('a', [...abandoned(9 * DAY), [change, 9 * DAY]])],
      [],
    ],
  ),
  [
    'a renewal that came no further than its key',
    [near(10, 20), ...audited('a', [...vend(40 * DAY), ['claimRotation', 9 * DAY], ['recordMinted', 9 * DAY]])],
    [AT_20_DAYS],
  ],
  ['a secret that was revoked', [near(10, 20), ...audited('a', [...vend(40 * DAY), ...revoke(9 * DAY)])], []],
  ['a revocation under way', [near(10, 20), ...audited('a', [...vend(40 * DAY), ['revoke', 9 * DAY]])], [AT_20_DAYS]],
  [
    'a renewed secret that is written with other letters',
    [
      near(10, 20, { name: 'CK-A' }),
      ...audited('a', vend(9 * DAY), { secretName: 'Ck-a', vaultUrl: 'https://V.vault.azure.net' }),
    ],
    [],
  ],
  [
    'a renewed secret of the same name in another vault',
    [near(10, 20), ...audited('a', vend(9 * DAY), { vaultUrl: 'https://other.vault.azure.net' })],
    [{ vault: 'v', secretName: 'ck-a' }],
  ],
  ['another secret that was renewed', [near(10, 20), ...audited('b', vend(9 * DAY))], [AT_20_DAYS]],
  [
    'a renewed secret that nears its end again',
    [near(40, -10), near(10, 20), ...audited('a', [...vend(70 * DAY), ...rotate(39 * DAY)])],
    [AT_20_DAYS],
  ],
  [
    'a date that comes as a text',
    [
      near(10, 20, {
        eventGridEventProperties_data_EXP_d: null,
        eventGridEventProperties_data_EXP_s: String((NOW + 20 * DAY) / 1_000),
      }),
    ],
    [AT_20_DAYS],
  ],
  ['days, which end at midnight', [near(20, 9.6)], [{ daysLeft: 10 }]],
  ['a secret that has expired', [near(31, -1)], []],
  [
    'other records of the vault, and of other services',
    [
      near(10, 20, { OperationName: 'SecretExpiredEventGridNotification' }),
      near(10, 20, { OperationName: 'SecretGet' }),
      near(10, 20, { ResourceProvider: 'MICROSOFT.STORAGE' }),
    ],
    [],
  ],
  [
    'a workspace without such a record, which has no such columns',
    [{ TimeGenerated: NOW, ResourceProvider: 'MICROSOFT.KEYVAULT', Resource: 'V', OperationName: NEAR_EXPIRY }],
    [],
  ],
];
