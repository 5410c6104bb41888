import { audited, HOUR, logged, NOW } from '../logged.ts';
import { type Cases, failed, vend } from './case.ts';

export const DENIED: Cases = [
  [
    'denials, the latest first',
    [
      logged(2 * HOUR, { event: 'request-denied', reason: 'Expired.', transport: 'http', counts: { denied: 7 } }),
      logged(
        HOUR,
        {
          ...{ event: 'request-denied', problem: 'forbidden', credentialId: 'c', caller: 'entra:t:stranger' },
          ...{ reason: 'No rule.', transport: 'http', target: { environmentId: 'env-1', clusterId: 'lkc-1' } },
        },
        { operation: 'rotateKey', invocation: 'i1' },
      ),
    ],
    [
      {
        ...{
          TimeGenerated: NOW - HOUR,
          instance: 'urn:uuid:i1',
          OperationName: 'rotateKey',
          caller: 'entra:t:stranger',
        },
        ...{ target: '{"environmentId":"env-1","clusterId":"lkc-1"}', reason: 'No rule.', rejectedTokens: null },
      },
      {
        ...{ TimeGenerated: NOW - 2 * HOUR, instance: 'urn:uuid:i', OperationName: 'vendKey', caller: '' },
        ...{ target: '', reason: 'Expired.', rejectedTokens: 7 },
      },
    ],
  ],
  [
    'a queue function that somebody calls',
    [logged(HOUR, { event: 'request-denied', state: 'not-from-service-bus' }, { operation: 'retries' })],
    [{ OperationName: 'retries', reason: 'not-from-service-bus' }],
  ],
  [
    'a message that was denied',
    [failed(HOUR, 'forbidden', 'a', { operation: 'requestsVendRequests' })],
    [{ OperationName: 'requestsVendRequests', reason: 'forbidden' }],
  ],
  [
    'what was not denied',
    [
      failed(HOUR, 'paused', 'a'),
      logged(HOUR, { event: 'unasked-change-failed', problem: 'forbidden', credentialId: 'a' }),
      ...audited('a', vend(HOUR)),
    ],
    [],
  ],
];
