import { describe, expect, it } from 'vitest';
import { readEvents } from '../../../src/vending/events/incoming.ts';
import { readKeyVaultData } from '../../../src/vending/events/key-vault.ts';
import { keyVaultSamples, SAMPLE_NAME, SAMPLE_SECRET } from './samples.ts';

describe.each(['Microsoft.KeyVault.SecretNearExpiry', 'Microsoft.KeyVault.SecretExpired'])('%s', (type) => {
  it.each(keyVaultSamples(type))('is read in the published form: %s', (_, sample) => {
    expect(readEvents(sample)).toEqual({
      kind: 'events',
      events: [{ kind: 'key-vault', ...SAMPLE_NAME, ...SAMPLE_SECRET }],
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
const SECRET = { vaultUrl: 'https://my-vault.vault.azure.net', secretName: 'My-Secret', version: 'a'.repeat(32) };
const without = (name: keyof typeof DATA) => Object.fromEntries(Object.entries(DATA).filter(([each]) => each !== name));

describe('data of a Key Vault event', () => {
  it.each([1_700_000_000, ' 1700000000 ', '2023-11-14T22:13:20Z', null, 'soon', -1, { seconds: 1 }])(
    'may have any expiry, such as %o: the ledger knows it',
    (EXP) => {
      expect(readKeyVaultData({ ...DATA, EXP })).toEqual({ kind: 'valid', value: SECRET });
    },
  );

  it('has names in any case, with blanks around them, and other names beside them', () => {
    const odd = Object.fromEntries(Object.entries(DATA).map(([name, value]) => [` ${name.toUpperCase()}\t`, value]));
    expect(readKeyVaultData({ ...odd, Tags: { a: 1 } })).toEqual({ kind: 'valid', value: SECRET });
  });

  it.each(['ObjectType', 'ObjectName', 'Version', 'NBF', 'EXP'] as const)('may lack %s', (name) => {
    expect(readKeyVaultData(without(name))).toMatchObject({ kind: 'valid', value: SECRET });
    expect(readKeyVaultData({ ...DATA, [name]: null })).toMatchObject({ kind: 'valid', value: SECRET });
  });

  it('names its vault, secret and version in any case', () => {
    const shouted = { VaultName: 'MY-VAULT', ObjectName: 'MY-SECRET', ObjectType: 'SECRET', Version: VERSION };
    expect(readKeyVaultData({ ...DATA, ...shouted })).toEqual({ kind: 'valid', value: SECRET });
  });

  it('says of each field what is wrong with it', () => {
    const read = (change: object) => readKeyVaultData({ ...DATA, ...change });
    expect(read({ Id: undefined, VaultName: 7, ObjectType: 'Key' })).toEqual({
      kind: 'invalid',
      errors: [
        { pointer: '/data/Id', detail: 'is required' },
        { pointer: '/data/VaultName', detail: 'must be a string' },
        { pointer: '/data/ObjectType', detail: 'must be "Secret"' },
      ],
    });
  });

  it.each([31, 33])('names no version of %d digits', (digits) => {
    const Id = `https://my-vault.vault.azure.net/secrets/my-secret/${'a'.repeat(digits)}`;
    expect(readKeyVaultData({ ...DATA, Id })).toMatchObject({ kind: 'invalid' });
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
    ['a kind that only ends like a secret', { ...DATA, ObjectType: 'NoSecret' }, '/ObjectType'],
    ['a kind that only begins like a secret', { ...DATA, ObjectType: 'Secrets' }, '/ObjectType'],
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
      `x=https://my-vault.vault.azure.net/secrets/My-Secret/${VERSION}`,
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
