import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readBinaryEvent } from '../../../src/vending/events/binary-mode.ts';
import { MAX_EVENTS, readEvents } from '../../../src/vending/events/incoming.ts';
import { VAULT_URL } from '../../../src/vending/model/resources.ts';

const KINDS = ['command', 'key-vault', 'subscription-validation', 'other', 'invalid'];

const anything = fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withSparseArray: true });
const value = fc.oneof(anything, fc.jsonValue(), fc.string({ unit: 'binary' }));
const type = fc.oneof(
  fc.constantFrom(
    'apikey.requested.v1',
    'apikey.revoke.requested.v1',
    'Microsoft.KeyVault.SecretNearExpiry',
    'Microsoft.KeyVault.SecretExpired',
    'Microsoft.EventGrid.SubscriptionValidationEvent',
  ),
  value,
);
const text = fc.oneof({ weight: 3, arbitrary: fc.constantFrom('a', '/b', 'my-vault', 'Secret') }, value);
const secretId = fc
  .tuple(fc.constantFrom('https://my-vault.vault.azure.net', 'https://my-vault.evil.example', 'x'), fc.webSegment())
  .map(([vault, name]) => `${vault}/secrets/${name}/${'a'.repeat(32)}`);
const data = fc.oneof(
  value,
  fc.record(
    {
      Id: fc.oneof(secretId, value),
      VaultName: text,
      'ObjectName ': text,
      Version: text,
      EXP: value,
      validationCode: text,
    },
    { requiredKeys: [] },
  ),
);
const cloudEvent = fc.record(
  { specversion: fc.oneof(fc.constant('1.0'), value), id: text, source: text, type, data, datacontenttype: value },
  { requiredKeys: ['specversion'] },
);
const gridEvent = fc.record({ id: text, topic: text, eventType: type, data }, { requiredKeys: ['eventType'] });
const keyVaultEvent = fc.record({
  id: fc.string({ minLength: 1 }),
  topic: fc.constant('/b'),
  eventType: fc.constantFrom('Microsoft.KeyVault.SecretNearExpiry', 'Microsoft.KeyVault.SecretExpired'),
  data: fc.record({ Id: secretId, VaultName: fc.constantFrom('my-vault', 'x'), EXP: value }, { requiredKeys: ['Id'] }),
});
const event = fc.oneof(cloudEvent, gridEvent, keyVaultEvent, value);

it('every input is read without an exception, and a Key Vault event names only a version of a secret', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.oneof(event, fc.array(event)), (body) => {
      const batch = readEvents(body);
      if (batch.kind !== 'events') return;
      for (const each of batch.events) {
        seen.add(each.kind);
        expect(KINDS).toContain(each.kind);
        if (each.kind !== 'key-vault') continue;
        expect(each.vaultUrl).toMatch(VAULT_URL);
        expect(each.secretName).toMatch(/^[0-9A-Za-z-]{1,127}$/);
        expect(each.version).toMatch(/^[0-9a-f]{32}$/);
      }
    }),
    { numRuns: 5_000 },
  );
  expect([...seen].sort()).toEqual([...KINDS].sort());
});

it('binary mode is read without an exception for all headers and bodies', () => {
  const name = fc.oneof(
    fc.constantFrom('ce-id', 'ce-source', 'ce-type', 'ce-specversion', 'content-type', 'ce-data', 'ce-__proto__'),
    fc.string({ unit: 'binary' }),
  );
  const header = fc.oneof(
    fc.constantFrom('1.0', 'apikey.requested.v1', '"%\\', '%E2%82%AC'),
    fc.string({ unit: 'binary' }),
  );
  const body = fc.oneof(
    fc.uint8Array(),
    fc.json().map((json) => new TextEncoder().encode(json)),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(name, header)), body, (headers, bytes) => {
      expect(['events', 'malformed']).toContain(readBinaryEvent(headers, bytes).kind);
    }),
    { numRuns: 5_000 },
  );
});

/** One of many spellings of `Id`. */
const blanks = (n: number): string => `${n.toString(2).replaceAll('0', ' ').replaceAll('1', '\t')}Id`;

it.each<[string, () => unknown]>([
  [
    'as many events as are looked at, each with as many errors as can be',
    () => Array(MAX_EVENTS).fill({ eventType: 1 }),
  ],
  [
    'an event with a hundred thousand members',
    () => ({
      specversion: '1.0',
      ...Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`m${n}`, n])),
    }),
  ],
  [
    'data with fifty thousand spellings of one name',
    () => ({
      ...{ id: 'e', topic: 't', eventType: 'Microsoft.KeyVault.SecretExpired' },
      data: Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [blanks(n), n])),
    }),
  ],
  [
    'data nested beyond the stack',
    () => {
      let nested: unknown = 1;
      for (let depth = 0; depth < 100_000; depth++) nested = [nested];
      return { specversion: '1.0', id: 'e', source: 's', type: 'apikey.requested.v1', data: nested };
    },
  ],
])('%s are read without an exception', (_, make) => {
  expect(readEvents(make()).kind).toBe('events');
});
