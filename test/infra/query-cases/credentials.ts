import { audited, bulk, HOUR, MINUTE, NOW } from '../logged.ts';
import { abandoned, abandonedWithKey, type Cases, endOverlap, fail, revoke, rotate, vend } from './case.ts';

const OTHER = { cluster: 'lkc-2', caller: 'entra:t:batch' };

export const OPEN: Cases = [
  [
    'what is open, the longest first',
    [
      ...audited(
        'a',
        [
          ['claimVend', 2 * HOUR],
          ['recordUnknown', HOUR],
        ],
        OTHER,
      ),
      ...audited('b', [
        ...vend(9 * HOUR),
        ['claimRotation', 3 * HOUR],
        ['discardKey', 3 * HOUR - MINUTE, { problem: 'vault-refused' }],
      ]),
    ],
    [
      {
        ...{
          at: NOW - 3 * HOUR + MINUTE,
          age: 3 * HOUR - MINUTE,
          state: 'compensating',
          credentialId: 'b',
          attempt: 2,
        },
        ...{ caller: 'entra:t:portal', cluster: 'lkc-1', apiKeyId: 'b-key-2', problem: 'vault-refused' },
      },
      {
        ...{ at: NOW - HOUR, age: HOUR, state: 'unknown', credentialId: 'a', attempt: 1 },
        ...{ caller: 'entra:t:batch', cluster: 'lkc-2', apiKeyId: '', problem: '' },
      },
    ],
  ],
  ['a revocation under way', audited('a', [...vend(2 * HOUR), ['revoke', HOUR]]), [{ state: 'revoking' }]],
  ['a rotation under way', audited('a', [...vend(2 * HOUR), ['claimRotation', HOUR]]), [{ state: 'minting' }]],
  ['a key that is not stored', audited('a', abandonedWithKey(HOUR)), [{ state: 'minted', apiKeyId: 'a-key-1' }]],
  [
    'what is vended, failed, revoked or resolved',
    [
      ...audited('a', vend(HOUR)),
      ...audited('b', fail(HOUR)),
      ...audited('c', [...vend(2 * HOUR), ...revoke(HOUR)]),
      ...audited('d', [...abandoned(2 * HOUR), ['recoverUnknown', 2 * HOUR], ['resolveAsVended', HOUR]]),
    ],
    [],
  ],
  ['a bulk operation', [bulk(HOUR)], []],
];

export const VENDED: Cases = [
  [
    'first keys and rotations, the latest first',
    [...audited('a', [...vend(3 * HOUR), ...rotate(HOUR)]), ...audited('b', vend(2 * HOUR), OTHER)],
    [
      {
        ...{ vendedAt: NOW - HOUR, caller: 'entra:t:portal', cluster: 'lkc-1', apiKeyId: 'a-key-2' },
        ...{ previousApiKeyId: 'a-key-1', secret: 'https://v.vault.azure.net/secrets/ck-a/v2', credentialId: 'a' },
      },
      {
        ...{ vendedAt: NOW - 2 * HOUR, caller: 'entra:t:batch', cluster: 'lkc-2', apiKeyId: 'b-key-1' },
        ...{ previousApiKeyId: '', secret: 'https://v.vault.azure.net/secrets/ck-b/v1', credentialId: 'b' },
      },
      {
        ...{ vendedAt: NOW - 3 * HOUR, caller: 'entra:t:portal', cluster: 'lkc-1', apiKeyId: 'a-key-1' },
        ...{ previousApiKeyId: '', secret: 'https://v.vault.azure.net/secrets/ck-a/v1', credentialId: 'a' },
      },
    ],
  ],
  [
    'a key that the reconciler found',
    audited('a', [...abandoned(HOUR), ['recoverVended', HOUR]]),
    [{ apiKeyId: 'a-key-1' }],
  ],
  [
    'a key that an operator found',
    audited('a', [...abandoned(HOUR), ['resolveAsVended', HOUR]]),
    [{ apiKeyId: 'a-key-1' }],
  ],
  [
    'what vends no key',
    [
      ...audited('a', abandonedWithKey(HOUR)),
      ...audited('b', fail(HOUR)),
      ...audited('c', [...abandoned(HOUR), ['recordUnknown', HOUR]]),
    ],
    [],
  ],
  [
    'what becomes of a key later',
    audited('a', [...vend(4 * HOUR), ...rotate(3 * HOUR), ...endOverlap(2 * HOUR), ...revoke(HOUR)]),
    [{ apiKeyId: 'a-key-2' }, { apiKeyId: 'a-key-1' }],
  ],
  ['a bulk operation', [bulk(HOUR)], []],
];
