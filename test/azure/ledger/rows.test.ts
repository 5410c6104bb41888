import { describe, expect, expectTypeOf, it } from 'vitest';
import type * as z from 'zod';
import type { intentSchema } from '../../../src/azure/ledger/intent-schema.ts';
import { intentOfRow, nameKey, rowOfIntent } from '../../../src/azure/ledger/rows.ts';
import type { Intent, IntentState } from '../../../src/vending/intent.ts';
import type { KeyRecord } from '../../../src/vending/model/key-record.ts';
import { PROBLEMS, type ProblemType } from '../../../src/vending/model/problems.ts';
import { intentOf } from './emulated-table.ts';

const party = { id: 'u-1', kind: 'ServiceAccount', related: 'https://r', resourceName: 'crn://u-1' };
const key: KeyRecord = {
  id: 'JDCXTFUVFVQGF56J',
  kind: 'ApiKey',
  metadata: {
    createdTimestamp: '2026-01-01T00:00:00Z',
    updatedTimestamp: '2026-01-01T00:00:00Z',
    deletedTimestamp: '2026-01-01T00:00:00Z',
    resourceName: 'crn://key',
    self: 'https://self',
  },
  spec: { name: 'n', description: 'd', owner: party, resource: { ...party, environment: 'env-1' } },
};
const problem = { type: 'key-unusable' as const, detail: 'detail' };

const secret = { id: 'https://v/secrets/n/1', version: '1' };

const STATES: IntentState[] = [
  { kind: 'minting', leaseUntil: 1 },
  { kind: 'minted', leaseUntil: 1, key },
  { kind: 'minted', leaseUntil: 1, key: { id: 'K', metadata: {}, spec: {} } },
  { kind: 'vended', key, secret },
  { kind: 'compensating', key, problem, since: 2 },
  { kind: 'failed', since: 3, retryAt: 3, problem },
  { kind: 'failed', since: 3, retryAt: 3, problem, sweepAt: 4 },
  { kind: 'unknown', leaseUntil: 5 },
  { kind: 'unknown', leaseUntil: 5, keyId: 'K' },
  { kind: 'vended', key, secret, rotateAt: 6 },
  { kind: 'superseded', key, secret, successor: 'j', revokeAt: 7 },
  { kind: 'revoking', key, secret, since: 8 },
  { kind: 'revoking', key, secret, since: 8, successor: 'j' },
  { kind: 'revoked', secret, since: 9 },
  { kind: 'revoked', secret, since: 9, successor: 'j', sweepAt: 10 },
];

const read = (document: unknown, etag: unknown = 'W/"1"'): Intent => intentOfRow('i', { document, etag }).intent;

describe('a row', () => {
  it.each(STATES)('gives back the whole intent in state %j', (state) => {
    const full = {
      description: 'd',
      expiresOn: '2027-01-01T00:00:00.000Z',
      validForMs: 1,
      rotateEveryMs: 2,
      supersedes: { intentId: 'h', overlapMs: 3 },
      earlierKeys: ['A', 'B'],
      outbox: [
        { kind: 'rotated', id: 'w', at: 4, attempt: 1, apiKeyId: 'K', secretId: 's' },
        { kind: 'orphaned', id: 'w', at: 4, attempt: 1 },
        { kind: 'failed', id: 'w', at: 4, attempt: 1, problem: 'paused' },
      ] as const,
    };
    for (const fields of [{}, full]) {
      const intent = intentOf('i', { state, ...fields });
      expect(read(rowOfIntent(intent).document)).toEqual(intent);
    }
  });

  it('gives back every type of problem', () => {
    for (const type of Object.keys(PROBLEMS) as ProblemType[]) {
      const intent = intentOf('i', { state: { kind: 'failed', since: 3, retryAt: 0, problem: { type, detail: '' } } });
      expect(read(rowOfIntent(intent).document)).toEqual(intent);
    }
  });

  const valid = intentOf('i');
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['not JSON', '{'],
    ['another intent', JSON.stringify(intentOf('j'))],
    ['a state from a later version', JSON.stringify({ ...valid, state: { kind: 'lent' } })],
    ['a field from a later version', JSON.stringify({ ...valid, rotation: 1 })],
    [
      'a problem from a later version',
      JSON.stringify({
        ...valid,
        state: { kind: 'failed', since: 3, retryAt: 0, problem: { type: 'toString', detail: '' } },
      }),
    ],
    ['no writeId', JSON.stringify({ ...valid, writeId: undefined })],
    ['a time as text', JSON.stringify({ ...valid, dueAt: '2026-01-01' })],
  ])('that holds %s is malformed, and says no more than that', (_what, document) => {
    expect(() => read(document)).toThrow(expect.objectContaining({ code: 'MalformedRow', message: '' }));
  });

  it('without an ETag is malformed: a replace without one would be unconditional', () => {
    for (const etag of [undefined, '']) {
      expect(() => intentOfRow('i', { document: rowOfIntent(valid).document, etag })).toThrow();
    }
  });

  it('has a schema that is the domain’s type, in both directions', () => {
    expectTypeOf<z.infer<typeof intentSchema>>().toExtend<Intent>();
    expectTypeOf<Intent>().toExtend<z.infer<typeof intentSchema>>();
  });
});

it('a name’s key holds nothing that a table forbids', () => {
  expect(nameKey('https://Teams.vault.azure.net/x?y#z', 'Orders-1').rowKey).toBe('teams.vault.azure.net_orders-1');
});
