import { audited, bulk, HOUR, MINUTE, NOW, SECOND } from '../logged.ts';
import {
  abandoned,
  abandonedWithKey,
  type Case,
  type Cases,
  denied,
  ENDS,
  fail,
  failed,
  revoke,
  vend,
} from './case.ts';

const HERE = NOW - HOUR;
const EARLIER = NOW - 5 * HOUR;
const VENDED = { outcome: 'vended', requests: 1 };
const FAILED = { outcome: 'failed', requests: 1 };

export const OUTCOMES: Cases = [
  [
    'hours in their order, a failure with an audit record and one without',
    [
      ...audited('a', vend(HOUR)),
      ...audited('b', vend(HOUR - MINUTE)),
      ...audited('c', fail(5 * HOUR)),
      failed(5 * HOUR - 1, 'upstream-throttled', 'c'),
      failed(5 * HOUR, 'paused', 'd'),
    ],
    [
      { outcome: 'failed', hour: EARLIER, requests: 2 },
      { outcome: 'vended', hour: HERE, requests: 2 },
    ],
  ],
  ...ENDS.flatMap(([steps, , outcome]): Case[] => {
    const change = steps.at(-1)?.[0] ?? '';
    const rows = [{ outcome, hour: HERE, requests: 1 }];
    return [
      [change, audited('a', steps), rows],
      [`${change}, then an answer`, [...audited('a', steps), failed(HOUR + MINUTE, 'not-yet-confirmed', 'a')], rows],
      [`${change}, and its answer`, [...audited('a', steps), failed(HOUR - SECOND, 'not-yet-confirmed', 'a')], rows],
    ];
  }),
  ...(['recoverVended', 'resolveAsVended'] as const).map(
    (change): Case => [
      `${change}, after an answer that it is not confirmed yet`,
      [...audited('a', [...abandoned(HOUR), [change, HOUR]]), failed(HOUR + MINUTE, 'not-yet-confirmed', 'a')],
      [{ ...VENDED, hour: HERE }],
    ],
  ),
  [
    'an unknown outcome that an operator resolves counts once',
    audited('a', [...abandoned(5 * HOUR), ['recoverUnknown', 5 * HOUR], ['resolveAsVended', HOUR]]),
    [{ ...VENDED, hour: HERE }],
  ],
  [
    'an attempt that failed, and the next one',
    audited('a', [...fail(5 * HOUR), ...vend(HOUR)]),
    [
      { ...FAILED, hour: EARLIER },
      { ...VENDED, hour: HERE },
    ],
  ],
  [
    'a rotation that fails before anything is recorded',
    [...audited('a', vend(5 * HOUR)), failed(HOUR, 'vault-unavailable', 'a', { operation: 'rotateKey' })],
    [
      { ...VENDED, hour: EARLIER },
      { ...FAILED, hour: HERE },
    ],
  ],
  [
    'a failed attempt, of which a later request hears again',
    [...audited('a', fail(5 * HOUR)), failed(HOUR, 'upstream-throttled', 'a')],
    [{ ...FAILED, hour: EARLIER }],
  ],
  [
    'a first key, and a rotation whose failure is recorded',
    [
      ...audited('a', [...vend(5 * HOUR), ['claimRotation', HOUR], ['recordNotMinted', HOUR]]),
      failed(HOUR - SECOND, 'internal-error', 'a', { operation: 'rotateKey' }),
    ],
    [
      { ...VENDED, hour: EARLIER },
      { ...FAILED, hour: HERE },
    ],
  ],
  [
    'a message that waits, and is tried again',
    [5, 3, 1].map((hours) => failed(hours * HOUR, 'paused', 'a', { operation: 'retries', invocation: `i${hours}` })),
    [{ ...FAILED, hour: HERE }],
  ],
  [
    'two requests without a credential',
    ['i1', 'i2'].map((invocation) => failed(HOUR, 'identity-provider-unavailable', undefined, { invocation })),
    [{ outcome: 'failed', requests: 2 }],
  ],
  ...['vendKey', 'rotateKey', 'retries', 'events', 'requestsVendRequests'].map(
    (operation): Case => [`a failure of ${operation}`, [failed(HOUR, 'paused', 'a', { operation })], [FAILED]],
  ),
  ...['revokeCredential', 'listCredentials', 'reconcile'].map(
    (operation): Case => [`no key is asked for: ${operation}`, [failed(HOUR, 'paused', 'a', { operation })], []],
  ),
  [
    'what is under way, and what becomes of a key later',
    [
      ...audited('a', abandonedWithKey(HOUR)),
      ...audited('b', [...vend(2 * HOUR), ...revoke(HOUR)]),
      ...[denied(HOUR), bulk(HOUR)],
    ],
    [VENDED],
  ],
];
