import { expect } from 'vitest';
import type { Row } from '../drills/values.ts';
import { audited, bulk, HOUR, NOW } from '../logged.ts';
import { abandoned, type Case, type Cases, denied, ENDS, fail, failed, revoke, rotate, vend } from './case.ts';

const THROTTLED = { service: 'arm', status: 429, code: 'TooManyRequests' } as const;
const throttled = (id: string, ago: number, requestId?: string): Row[] =>
  audited(id, [
    ['claimVend', ago],
    [
      'recordNotMinted',
      ago,
      { problem: 'upstream-throttled', cause: { ...THROTTLED, ...(requestId !== undefined && { requestId }) } },
    ],
  ]);
export const FAILURES: Cases = [
  [
    'what fails most often comes first; a failure that has an audit record counts once',
    [
      ...audited('a', [
        ['claimVend', 9 * HOUR],
        ['recordUnknown', 9 * HOUR, { cause: { service: 'arm', code: 'ECONNRESET' } }],
      ]),
      failed(9 * HOUR - 1, 'outcome-unknown', 'a'),
      ...[1, 2, 3].map((hours) => failed(hours * HOUR, 'paused', 'p')),
      ...[...throttled('t', 5 * HOUR, 'r1'), ...throttled('u', 4 * HOUR)],
    ],
    [
      {
        ...{ problem: 'paused', service: '', status: null, code: '', times: 3, latest: NOW - HOUR },
        ...{ example: 'p', upstreamRequestId: '' },
      },
      {
        ...{ problem: 'upstream-throttled', ...THROTTLED, times: 2, latest: NOW - 4 * HOUR },
        ...{ example: expect.stringMatching(/^[tu]$/), upstreamRequestId: 'r1' },
      },
      {
        ...{ problem: 'outcome-unknown', service: 'arm', status: null, code: 'ECONNRESET', times: 1 },
        ...{ latest: NOW - 9 * HOUR, example: 'a', upstreamRequestId: '' },
      },
    ],
  ],
  ...ENDS.map(([steps, problem]): Case => [steps.at(-1)?.[0] ?? '', audited('a', steps), [{ problem, times: 1 }]]),
  [
    'another problem of the same credential, and the same one of another credential, without an audit record',
    [
      ...throttled('a', 5 * HOUR),
      ...[failed(HOUR, 'vault-unavailable', 'a'), failed(2 * HOUR, 'vault-unavailable', 'a')],
      ...[2, 3, 4].map((hours) => failed(hours * HOUR, 'upstream-throttled', 'b')),
    ],
    [
      { problem: 'upstream-throttled', service: '', times: 3, example: 'b' },
      { problem: 'vault-unavailable', times: 2, example: 'a' },
      { problem: 'upstream-throttled', service: 'arm', times: 1, example: 'a' },
    ],
  ],
  [
    'a failure without a credential',
    [failed(HOUR, 'identity-provider-unavailable', undefined, { operation: 'listCredentials' })],
    [{ problem: 'identity-provider-unavailable', times: 1, example: '' }],
  ],
  [
    'the same problem with and without an audit record, where no service is named',
    [...audited('a', fail(HOUR)), failed(HOUR, 'upstream-throttled', 'b')],
    [{ problem: 'upstream-throttled', service: '', times: 2 }],
  ],
  [
    'what became of a failure later',
    [
      ...audited('a', [
        ...abandoned(HOUR),
        ['discardKey', HOUR, { problem: 'key-unusable' }],
        ['recordCompensated', 9],
      ]),
      ...audited('b', [...abandoned(2 * HOUR), ['resolveWithoutKey', HOUR]]),
    ],
    [{ problem: 'key-unusable', times: 1 }],
  ],
  [
    'what does not fail',
    [...audited('a', [...vend(3 * HOUR), ...rotate(2 * HOUR), ...revoke(HOUR)]), denied(HOUR), bulk(HOUR)],
    [],
  ],
];
