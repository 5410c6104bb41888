import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OTHER_VAULT, refused, startRig, VAULT, type VaultRig } from './rig.ts';

let rig: VaultRig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

const versionsOf = async (name: string): Promise<{ version: string; enabled: boolean; tags: unknown }[]> => {
  const versions = [];
  for await (const { version = '', enabled = false, tags } of rig
    .client({ who: 'writer' })
    .listPropertiesOfSecretVersions(name)) {
    versions.push({ version, enabled, tags });
  }
  return versions;
};

describe('setting a secret', () => {
  it('makes a version with all that it was given', async () => {
    const expiresOn = new Date('2027-01-01T00:00:00Z');
    const notBefore = new Date('2026-01-01T00:00:00Z');
    const options = { contentType: 'application/json', tags: { intent: 'i1' }, expiresOn, notBefore, enabled: true };
    const { properties, value } = await rig.client({ who: 'writer' }).setSecret('whole', 's3cret/+', options);
    expect(value).toBe('s3cret/+');
    expect(properties).toMatchObject({ ...options, createdOn: rig.clock.now, recoverableDays: 7 });
    expect(properties.recoveryLevel).toBe('CustomizedRecoverable+Purgeable');
    expect(properties.version).toMatch(/^[0-9a-f]{32}$/);
    expect(properties.id).toBe(`https://${VAULT}.vault.azure.net/secrets/whole/${properties.version}`);
    expect(rig.vault.secrets(VAULT, 'whole')).toEqual([
      {
        version: properties.version,
        value: 's3cret/+',
        enabled: true,
        contentType: 'application/json',
        tags: { intent: 'i1' },
        expiresOn: '2027-01-01T00:00:00.000Z',
      },
    ]);
  });

  it('adds a version each time, under the first spelling of the name', async () => {
    const client = rig.client({ who: 'writer' });
    const first = await client.setSecret('Spelled-Once', 'one');
    const second = await client.setSecret('sPELLED-oNCE', 'two');
    expect(second.name).toBe('Spelled-Once');
    expect(rig.vault.secrets(VAULT, 'spelled-once')?.map((version) => version.value)).toEqual(['one', 'two']);
    const reader = rig.client({ who: 'reader' });
    expect(await reader.getSecret('SPELLED-ONCE')).toMatchObject({ value: 'two' });
    const version = first.properties.version ?? '';
    expect(await reader.getSecret('spelled-once', { version })).toMatchObject({ value: 'one' });
  });

  it('reaches the vault that the host names, and no other', async () => {
    const { properties } = await rig.client({ who: 'writer', vault: OTHER_VAULT }).setSecret('elsewhere', 'value');
    expect(properties.vaultUrl).toBe(`https://${OTHER_VAULT}.vault.azure.net`);
    expect(rig.vault.names(OTHER_VAULT)).toEqual(['elsewhere']);
    expect(rig.vault.names(VAULT)).not.toContain('elsewhere');
    const strange = await refused(rig.client({ who: 'writer', vault: 'nobodys' }).setSecret('elsewhere', 'value'));
    expect(strange).toMatchObject({ statusCode: 421 });
  });

  it('reaches the first vault on loopback, whose identifiers then point there', async () => {
    const url = `https://127.0.0.1:${rig.vault.port}`;
    const options = { disableChallengeResourceVerification: true };
    const { properties } = await rig.client({ who: 'writer', url, options }).setSecret('loopback', 'value');
    expect(properties.id).toBe(`${url}/secrets/loopback/${properties.version}`);
    expect(rig.vault.names(VAULT)).toContain('loopback');
  });
});

describe('limits', () => {
  const tags = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag${index}`, 'v']));

  it.each([
    ['a name with an underscore', 'no_underscore', 'v', {}],
    ['a name of 128 characters', 'n'.repeat(128), 'v', {}],
    ['an empty value', 'limits', '', {}],
    ['a value over 25 kB', 'limits', 'é'.repeat(12_801), {}],
    ['16 tags', 'limits', 'v', { tags: tags(16) }],
    ['a tag name of 257 characters', 'limits', 'v', { tags: { ['t'.repeat(257)]: 'v' } }],
    ['a tag value of 257 characters', 'limits', 'v', { tags: { t: 'v'.repeat(257) } }],
    ['a content type of 256 characters', 'limits', 'v', { contentType: 'c'.repeat(256) }],
  ])('refuse %s', async (_name, name, value, options) => {
    const error = await refused(rig.client({ who: 'writer' }).setSecret(name, value, options));
    expect(error).toMatchObject({ statusCode: 400, code: 'BadParameter' });
    expect(rig.vault.names(VAULT)).not.toContain(name);
  });

  it('allow all that just fits', async () => {
    const options = { tags: { ...tags(14), ['t'.repeat(256)]: 'v'.repeat(256) }, contentType: 'c'.repeat(255) };
    await rig.client({ who: 'writer' }).setSecret('n'.repeat(127), 'é'.repeat(12_800), options);
    expect(rig.vault.names(VAULT)).toContain('n'.repeat(127));
  });
});

describe('updating a version', () => {
  it('changes what it names, replaces tags whole, answers no value', async () => {
    const writer = rig.client({ who: 'writer' });
    const set = await writer.setSecret('updated', 'value', { contentType: 'text/plain', tags: { a: '1', b: '2' } });
    const version = set.properties.version ?? '';
    rig.clock.now = new Date('2026-05-01T11:00:00Z');
    const updated = await writer.updateSecretProperties('updated', version, { tags: { c: '3' } });
    expect(updated).toMatchObject({ tags: { c: '3' }, contentType: 'text/plain', enabled: true, version });
    expect(updated.tags).toEqual({ c: '3' });
    expect(updated.updatedOn).toEqual(rig.clock.now);
    expect(JSON.stringify(updated)).not.toContain('value');
    expect(rig.vault.secrets(VAULT, 'updated')).toHaveLength(1);
  });

  it('needs a version that is there', async () => {
    const writer = rig.client({ who: 'writer' });
    await writer.setSecret('no-such-version', 'value');
    const unnamed = await refused(writer.updateSecretProperties('no-such-version', '', { enabled: false }));
    expect(unnamed).toMatchObject({ statusCode: 405 });
    const unknown = await refused(writer.updateSecretProperties('no-such-version', '0'.repeat(32), { enabled: false }));
    expect(unknown).toMatchObject({ statusCode: 404, code: 'SecretNotFound' });
    expect(await versionsOf('no-such-version')).toMatchObject([{ enabled: true }]);
  });

  it('can disable it: then it cannot be read, and the versionless name does not fall back', async () => {
    const writer = rig.client({ who: 'writer' });
    const reader = rig.client({ who: 'reader' });
    const old = await writer.setSecret('rotated', 'old');
    const fresh = await writer.setSecret('rotated', 'fresh');
    await writer.updateSecretProperties('rotated', fresh.properties.version ?? '', { enabled: false });
    const error = await refused(reader.getSecret('rotated'));
    expect(error).toMatchObject({ statusCode: 403, code: 'Forbidden' });
    expect(error.details?.error?.innerError).toEqual(expect.objectContaining({ code: 'SecretDisabled' }));
    const version = old.properties.version ?? '';
    expect(await reader.getSecret('rotated', { version })).toMatchObject({ value: 'old' });
    await writer.updateSecretProperties('rotated', fresh.properties.version ?? '', { enabled: true });
    expect(await reader.getSecret('rotated')).toMatchObject({ value: 'fresh' });
  });
});

describe('listing', () => {
  it('pages 30 versions at 25, or at what was asked for, and gives no values', async () => {
    const writer = rig.client({ who: 'writer' });
    for (let index = 0; index < 30; index++)
      await writer.setSecret('many', `value-${index}`, { tags: { index: `${index}` } });
    const tags = (await versionsOf('many')).map((version) => version.tags);
    expect(new Set(tags.map((tag) => JSON.stringify(tag))).size).toBe(30);
    const sizes = async (maxPageSize?: number): Promise<number[]> => {
      const found: number[] = [];
      const settings = maxPageSize === undefined ? {} : { maxPageSize };
      for await (const page of writer.listPropertiesOfSecretVersions('many').byPage(settings)) {
        expect(JSON.stringify(page)).not.toContain('value-');
        found.push(page.length);
      }
      return found;
    };
    expect(await sizes()).toEqual([25, 5]);
    expect(await sizes(12)).toEqual([12, 12, 6]);
    expect(await refused(sizes(26))).toMatchObject({ statusCode: 400 });
  });

  it('names each live secret once, without version', async () => {
    const writer = rig.client({ who: 'writer', vault: OTHER_VAULT });
    for (const value of ['one', 'two']) await writer.setSecret('listed', value, { contentType: value });
    const listed = [];
    for await (const properties of writer.listPropertiesOfSecrets()) listed.push(properties);
    const item = listed.find((properties) => properties.name === 'listed');
    expect(item).toMatchObject({ id: `https://${OTHER_VAULT}.vault.azure.net/secrets/listed`, contentType: 'two' });
    expect(item?.version).toBeUndefined();
    expect(listed).toHaveLength(rig.vault.names(OTHER_VAULT).length);
  });

  it('finds no versions of a name that nobody has set', async () => {
    expect(await versionsOf('never-set')).toEqual([]);
    expect(await refused(rig.client({ who: 'reader' }).getSecret('never-set'))).toMatchObject({
      statusCode: 404,
      code: 'SecretNotFound',
    });
  });
});
