import { describe, expect, it } from 'vitest';
import type { Credential } from '../../../src/vending/model/credential.ts';
import { disableAttempt, isNamedVersion, unattributedVersions, versionOf } from '../../../src/vending/saga/deletion.ts';
import { CURRENT, FIRST, ID, NOW, rows, SECOND, SECRET_NAME, secretOf, VAULT_URL } from '../model/credentials.ts';
import { World } from '../world/world.ts';

const MINTED = rows.rotating({}, { phase: 'minted', keyId: 'KEY2', secret: secretOf('v2') });
const tagsOf = (of: { attempt: number; nonce: string }, keyId: string, id = ID) => ({
  ...{ 'vend-id': id, 'vend-attempt': `${of.attempt}`, 'vend-nonce': of.nonce, 'vend-key': keyId },
});

describe('the version of a key', () => {
  it.each<[string, Credential, string, string | undefined]>([
    ['current', rows.rotated(), 'KEY2', 'v2'],
    ['previous', rows.rotated(), 'KEY1', 'v1'],
    ['under way', MINTED, 'KEY2', 'v2'],
    ['that the row does not name', MINTED, 'KEY9', undefined],
    ['that is not stored yet', rows.minted(), 'KEY1', undefined],
    [
      'under way is not that of current, whose tags were copied',
      rows.rotating({}, { phase: 'minted', keyId: 'KEY2', secret: secretOf('v1') }),
      'KEY2',
      undefined,
    ],
  ])('%s', (_, row, keyId, version) => {
    expect(versionOf(row, keyId)).toBe(version);
  });

  it('is what readers may hold where it is of current or previous', () => {
    const named = ['v1', 'v2', 'v3'].filter((version) => isNamedVersion(rows.rotated(), { version }));
    expect(named).toEqual(['v1', 'v2']);
    expect(['v1', 'v2'].filter((version) => isNamedVersion(MINTED, { version }))).toEqual(['v1']);
  });
});

describe('nobody knows whose a version is', () => {
  it.each<[string, object, boolean]>([
    ['without tags', {}, true],
    ['with tags of another credential', { tags: tagsOf(SECOND, 'KEY2', 'z'.repeat(26)) }, true],
    ['with tags of the attempt that name another key', { tags: tagsOf(SECOND, 'KEY9') }, true],
    ['but not with tags of the attempt that name its key', { tags: tagsOf(SECOND, 'KEY2') }, false],
    ['but not with tags of another attempt', { tags: tagsOf(FIRST, 'KEY9') }, false],
    ['but not of one that is disabled', { enabled: false }, false],
    ['but not of current’s', { version: 'v1' }, false],
    ['but not of the attempt’s own', { version: 'v2' }, false],
  ])('%s', (_, of, expected) => {
    const version = { id: 'i', version: 'v9', enabled: true, tags: {}, createdAt: NOW, ...of };
    expect(unattributedVersions(MINTED, [version])).toEqual(expected ? [version] : []);
  });

  it('but not with tags of an attempt of which no key is known', () => {
    const version = { id: 'i', version: 'v9', enabled: true, tags: tagsOf(FIRST, 'KEY9'), createdAt: NOW };
    expect(unattributedVersions(rows.minting(), [version])).toEqual([]);
  });
});

describe('the versions of an attempt are disabled', () => {
  const row = rows.rotating({ current: { ...CURRENT, secret: secretOf('of current') } });
  const vaultWith = (...tags: readonly Record<string, string>[]) => {
    const world = new World();
    const versions = tags.map((each) => world.vault.add(world, { vaultUrl: VAULT_URL, name: SECRET_NAME, tags: each }));
    return { world, versions };
  };
  const disabledIn = (world: World) => world.calls.filter((call) => call === 'disableVersion').length;

  it('each once, and none of another attempt', async () => {
    const ours = tagsOf(SECOND, 'KEY2');
    const { world, versions } = vaultWith(ours, ours, ours, tagsOf(FIRST, 'KEY1'), {});
    const [first] = versions;
    if (first !== undefined) first.enabled = false;
    expect(await disableAttempt(world.ctx(), row, SECOND)).toEqual({ kind: 'disabled', stored: true });
    expect(versions.map(({ enabled }) => enabled)).toEqual([false, false, false, true, true]);
    expect(disabledIn(world)).toBe(2);
  });

  it('also the one that the row names, whatever its tags say', async () => {
    const { world, versions } = vaultWith({}, {});
    const version = versions[0]?.version ?? '';
    const attempt = { ...SECOND, secret: { version } };
    expect(await disableAttempt(world.ctx(), row, attempt)).toEqual({ kind: 'disabled', stored: true });
    expect(versions.map(({ enabled }) => enabled)).toEqual([false, true]);
  });

  it('but not that of current, where tags were copied onto it', async () => {
    const { world, versions } = vaultWith(tagsOf(SECOND, 'KEY2'));
    const version = versions[0]?.version ?? '';
    const named = rows.vended({}, { secret: { id: 'i', version } });
    expect(await disableAttempt(world.ctx(), named, SECOND)).toEqual({ kind: 'disabled', stored: false });
    expect(disabledIn(world)).toBe(0);
  });

  it('and nothing was stored where there is none', async () => {
    const { world } = vaultWith(tagsOf(FIRST, 'KEY1'));
    expect(await disableAttempt(world.ctx(), row, SECOND)).toEqual({ kind: 'disabled', stored: false });
  });
});
