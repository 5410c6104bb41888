import { describe, expect, it } from 'vitest';
import { readEvents } from '../../../src/vending/events/event-batch.ts';
import { readKeyVaultData } from '../../../src/vending/events/key-vault-data.ts';
import { keyVaultSamples, SAMPLE_HINT, SAMPLE_NAME } from './samples.ts';

describe.each([
  ['Microsoft.KeyVault.SecretNearExpiry', 'near-expiry'],
  ['Microsoft.KeyVault.SecretExpired', 'expired'],
])('%s', (type, event) => {
  it.each(keyVaultSamples(type))('is read in the published form: %s', (_, sample) => {
    expect(readEvents(sample)).toEqual({
      kind: 'events',
      events: [{ kind: 'key-vault', event, ...SAMPLE_NAME, ...SAMPLE_HINT }],
    });
  });
});

it.each(keyVaultSamples('Microsoft.KeyVault.SecretNewVersionCreated'))(
  'a new version is nothing to this service: %s',
  (_, sample) => {
    const type = 'Microsoft.KeyVault.SecretNewVersionCreated';
    expect(readEvents(sample)).toEqual({ kind: 'events', events: [{ kind: 'other', id: SAMPLE_NAME.id, type }] });
  },
);

const VERSION = 'A'.repeat(32);
const DATA = {
  Id: `https://My-Vault.vault.azure.net/secrets/My-Secret/${VERSION}`,
  VaultName: 'my-vault',
  ObjectType: 'Secret',
  ObjectName: 'my-secret',
  Version: 'a'.repeat(32),
  NBF: null,
  EXP: 1_700_000_000,
};
const HINT = { vaultUrl: 'https://my-vault.vault.azure.net', secretName: 'My-Secret', version: 'a'.repeat(32) };
const AT = 1_700_000_000_000;
const without = (name: keyof typeof DATA) => Object.fromEntries(Object.entries(DATA).filter(([each]) => each !== name));

describe('data of a Key Vault event', () => {
  it.each<[string, unknown, number | undefined]>([
    ['seconds', 1_700_000_000, AT],
    ['fractions of seconds', 1_700_000_000.5, AT + 500],
    ['seconds as text', ' 1700000000 ', AT],
    ['ISO 8601', '2023-11-14T22:13:20Z', AT],
    ['null', null, undefined],
    ['nothing', undefined, undefined],
    ['an empty text', '', undefined],
    ['a word', 'soon', undefined],
    ['a month that there is not', '2023-13-14T22:13:20Z', undefined],
    ['a time before all', -1, undefined],
    ['a time after all', 1e15, undefined],
    ['no number', Number.NaN, undefined],
    ['an object', { seconds: 1 }, undefined],
  ])('may have %s for an expiry', (_, EXP, expiresOn) => {
    const hint = { ...HINT, ...(expiresOn === undefined ? {} : { expiresOn }) };
    expect(readKeyVaultData({ ...DATA, EXP })).toEqual({ kind: 'read', hint });
  });

  it('has names in any case, with blanks around them, and other names beside them', () => {
    const odd = Object.fromEntries(Object.entries(DATA).map(([name, value]) => [` ${name.toUpperCase()}\t`, value]));
    const read = { kind: 'read', hint: { ...HINT, expiresOn: AT } };
    expect(readKeyVaultData({ ...odd, Tags: { a: 1 } })).toEqual(read);
  });

  it.each(['ObjectType', 'ObjectName', 'Version', 'NBF', 'EXP'] as const)('may lack %s', (name) => {
    expect(readKeyVaultData(without(name))).toMatchObject({ kind: 'read', hint: HINT });
    expect(readKeyVaultData({ ...DATA, [name]: null })).toMatchObject({ kind: 'read', hint: HINT });
  });

  it.each<[string, unknown, string]>([
    ['no object', 'text', ''],
    ['a list', [DATA], ''],
    ['no Id', without('Id'), '/Id'],
    ['no VaultName', without('VaultName'), '/VaultName'],
    ['another vault', { ...DATA, VaultName: 'your-vault' }, '/VaultName'],
    ['another secret', { ...DATA, ObjectName: 'your-secret' }, '/ObjectName'],
    ['another version', { ...DATA, Version: 'b'.repeat(32) }, '/Version'],
    ['a key', { ...DATA, ObjectType: 'Key' }, '/ObjectType'],
    ['a number for a name', { ...DATA, ObjectName: 7 }, '/ObjectName'],
    ['two spellings of one name', { ...DATA, id: DATA.Id }, '/Id'],
    ...[
      `https://my-vault.vault.azure.net/secrets/My-Secret`,
      `https://my-vault.vault.azure.net/keys/My-Secret/${VERSION}`,
      `https://my-vault.vault.azure.net/secrets/My-Secret/${VERSION}/x`,
      `https://my-vault.vault.azure.net/secrets/../${VERSION}`,
      `https://my-vault.vault.azure.net/secrets/a%2Fb/${VERSION}`,
      `https://my-vault.vault.azure.net:8443/secrets/My-Secret/${VERSION}`,
      `https://my-vault@evil.example/secrets/My-Secret/${VERSION}`,
      `https://my-vault.vault.azure.net.evil.example/secrets/My-Secret/${VERSION}`,
      `https://my-vault.evil.example/secrets/My-Secret/${VERSION}`,
      `http://my-vault.vault.azure.net/secrets/My-Secret/${VERSION}`,
      `https://my-vault.vault.azure.net/secrets/My-Secret/${VERSION}?x=1`,
      `https://my-vault.vault.azure.net/secrets/${'a'.repeat(128)}/${VERSION}`,
      `https://my-vault.vault.azure.net/secrets/My-Secret/${VERSION}\nx`,
    ].map((Id): [string, unknown, string] => [`the Id ${JSON.stringify(Id)}`, { ...DATA, Id }, '/Id']),
  ])('with %s name no version of a secret', (_, data, pointer) => {
    expect(readKeyVaultData(data)).toEqual({
      kind: 'invalid',
      errors: [{ pointer: `/data${pointer}`, detail: expect.any(String) }],
    });
  });
});
