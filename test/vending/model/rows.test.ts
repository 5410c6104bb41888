import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { credentialIdOf } from '../../../src/vending/model/idempotency.ts';
import { API_KEY_ID } from '../../../src/vending/model/resources.ts';
import { callerHash, isKeyOf, padded, ROW_SCHEMAS, type Row, rowOf } from '../../../src/vending/model/rows.ts';
import { iso } from '../../../src/vending/model/timings.ts';
import { ID, NOW, rows } from './credentials.ts';

/** Table Storage refuses these in a key, and more than 1,024 characters in all. */
const ILLEGAL = /[/\\#?\p{Cc}]/u;

const id = fc.string({ maxLength: 40 }).map((key) => credentialIdOf('queue:orders', { kind: 'key', key }));
const at = fc.integer({ min: 0, max: Date.parse('9999-12-31T23:59:59.999Z') });
const count = fc.integer({ min: 1, max: 999_999_999 });
const vaultUrl = fc.stringMatching(/^[A-Za-z][0-9A-Za-z]{2,23}$/).map((name) => `https://${name}.vault.azure.net`);
const keyId = fc.stringMatching(API_KEY_ID);

const anyRow: fc.Arbitrary<Row> = fc.oneof(
  id.map((of) => rowOf('credential', rows.vended({ id: of }))),
  fc.record({ id, at }).map((value) => rowOf('due', value)),
  fc.record({ id, at }).map((value) => rowOf('prune', value)),
  fc.record({ id, since: at, reason: fc.constant('unknown') }).map((value) => rowOf('open', value)),
  fc
    .record({ id, vaultUrl, secretName: fc.stringMatching(/^[0-9A-Za-z-]{1,127}$/) })
    .map((value) => rowOf('name', value)),
  fc.record({ id, apiKeyId: keyId, attempt: count }).map((value) => rowOf('key', value)),
  fc
    .record({ id, requestKey: id, attempt: count, nonce: id, requestHash: id })
    .map((value) => rowOf('rotation', value)),
  fc
    .record({ id, attempt: count })
    .map((value) => rowOf('attempt', { ...value, nonce: 'aaaaaa', purpose: 'vend', claimedAt: NOW, outcome: 'open' })),
  fc.record({ id, caller: fc.string({ unit: 'binary' }), createdAt: at }).map((value) => rowOf('caller', value)),
  fc
    .record({ id, createdAt: at, count, by: fc.string() })
    .map((value) =>
      rowOf('bulk', { ...value, operation: 'revoke', filter: { cluster: 'lkc-1', vendedBefore: 7 }, startId: 'w' }),
    ),
  fc.record({ id, from: id }).map((value) => rowOf('marking', value)),
  fc.record({ bulk: id, id, apiKeyId: keyId }).map((value) => rowOf('member', value)),
  fc
    .record({ bulk: id, number: count, by: fc.string(), at })
    .map((value) => rowOf('bulkchange', { ...value, state: 'paused' })),
  ...(['audit', 'event'] as const).map((kind) =>
    fc
      .record({ id, at, sequence: count, part: fc.integer({ min: 0, max: 9 }), body: fc.string() })
      .map((value) => rowOf(kind, value)),
  ),
);

it('every row has a key that the service takes, begins with its kind, and is read as it was written', () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(anyRow, ({ kind, key, value }) => {
      kinds.add(kind);
      expect(key).not.toMatch(ILLEGAL);
      expect(key.length).toBeLessThanOrEqual(512);
      expect(key.split('_')[0]).toBe(kind);
      expect(ROW_SCHEMAS[kind].parse(JSON.parse(JSON.stringify(value)))).toEqual(value);
    }),
    { numRuns: 2_000 },
  );
  expect(kinds).toEqual(new Set(Object.keys(ROW_SCHEMAS)));
});

describe('keys sort', () => {
  it.each(['due', 'prune'] as const)('as time does, for %s rows', (kind) => {
    fc.assert(
      fc.property(at, at, (a, b) => {
        const [first, second] = [rowOf(kind, { id: ID, at: a }).key, rowOf(kind, { id: ID, at: b }).key];
        expect(Math.sign(a - b)).toBe(first < second ? -1 : first > second ? 1 : 0);
        expect(first < `${kind}_${iso(b)}`).toBe(a < b);
      }),
    );
  });

  it('as sequences do, for events of one millisecond', () => {
    const key = (sequence: number) => rowOf('event', { id: ID, at: NOW, sequence, part: 0, body: '' }).key;
    fc.assert(
      fc.property(count, count, (a, b) => {
        expect(key(a) < key(b)).toBe(a < b);
      }),
    );
    expect(padded(7)).toHaveLength(9);
  });
});

it('the rows of a caller have a key that never changes: the ledger finds them by it', () => {
  expect(callerHash('queue:orders')).toBe('582aa668f15701daa2694ac020044aa8');
});

it('a row stands under its own key, and an attempt under that of 0.3.0 too, which had no nonce', () => {
  const caller = { id: ID, caller: 'queue:orders', createdAt: NOW };
  expect(isKeyOf('caller', caller, rowOf('caller', caller).key)).toBe(true);
  expect(isKeyOf('caller', caller, `caller_${ID}`)).toBe(false);
  const named = { attempt: 3, nonce: 'aaaaaa', purpose: 'vend', outcome: 'open' } as const;
  const attempt = { id: ID, claimedAt: NOW, ...named };
  const keys = ['000000003_aaaaaa', '000000003', '000000004', '000000003_bbbbbb'].map((end) => `attempt_${ID}_${end}`);
  expect(keys.map((key) => isKeyOf('attempt', attempt, key))).toEqual([true, true, false, false]);
});

it('one secret has one name row, however it is spelled', () => {
  const key = (vaultUrl: string, secretName: string) => rowOf('name', { id: ID, vaultUrl, secretName }).key;
  expect(key('https://My-Vault.vault.azure.net', 'Orders')).toBe(key('https://my-vault.vault.azure.net/', 'orders'));
  expect(key('https://my-vault.vault.azure.net', 'orders')).not.toBe(key('https://my-vault.vault.azure.cn', 'orders'));
});
