import { beforeEach, describe, expect, it } from 'vitest';
import type { Credential } from '../../../src/vending/model/credential.ts';
import { sweep } from '../../../src/vending/review/sweep.ts';
import { readCredential } from '../../../src/vending/saga/commit.ts';
import { failAll } from '../commands/resolve-scenes.ts';
import { DAY, HOUR, ID, revokeIn, rotateIn, rowIn, withoutFaults } from '../world/steps.ts';
import type { FakeVersion } from '../world/vault.ts';
import { World } from '../world/world.ts';
import { newestVersion, plant, vended } from './scenes.ts';

let world: World;
beforeEach(async () => {
  world = new World();
  await vended(world);
  world.pass(DAY);
});

async function sweepNow() {
  plant(world, { ...rowIn(world), sweepAt: world.now });
  const read = await readCredential(world.ctx('reconciler'), ID);
  if (read.kind !== 'found') throw new Error('There is no credential.');
  world.calls = [];
  return sweep(world.ctx('reconciler'), read.row);
}

/** A version with tags of an attempt that the row does not name. */
function addVersion(tags: Readonly<Record<string, string>> = {}): FakeVersion {
  const own = { 'vend-id': ID, 'vend-attempt': '9', 'vend-nonce': 'aaaaaa', 'vend-key': 'KEY404' };
  const { vaultUrl, secretName: name } = rowIn(world);
  return world.vault.add(world, { vaultUrl, name, tags: { ...own, ...tags } });
}

/** The same with a key that lives and has our marker. */
const addLiving = (): FakeVersion => addVersion({ 'vend-key': world.confluent.add(world, `vend:${ID}.9.aaaaaa`) });

const isUrgent = ({ failure }: Credential): boolean => failure?.urgent === true;

it('a sweep without anything to look at costs one list and one commit', async () => {
  expect((await sweepNow()).kind).toBe('done');
  expect(world.calls).toEqual(['listVersions', 'commit']);
});

describe('a sweep leaves a version alone', () => {
  it('of another credential, whatever became of its key', async () => {
    const version = addVersion({ 'vend-id': 'z'.repeat(26) });
    expect((await sweepNow()).kind).toBe('done');
    expect(version.enabled).toBe(true);
    expect(world.calls).not.toContain('getKey');
  });

  it.each(['current', 'previous'] as const)('with the tags of the attempt that made the %s key', async (place) => {
    await rotateIn(world);
    const { attempt, nonce } = rowIn(world)[place] ?? {};
    const version = addVersion({ 'vend-attempt': `${attempt}`, 'vend-nonce': `${nonce}` });
    expect((await sweepNow()).kind).toBe('done');
    expect(version.enabled).toBe(true);
  });

  it('that is disabled, although its key lives: nobody reads it, and the sweep is over', async () => {
    addLiving().enabled = false;
    expect((await sweepNow()).kind).toBe('done');
    expect(rowIn(world)).not.toHaveProperty('sweepAt');
    expect(world.calls).not.toContain('getKey');
  });

  it('whose key lives and which readers get: no rotation is made for them, and the sweep goes on', async () => {
    const version = addLiving();
    const swept = await sweepNow();
    expect(swept).toMatchObject({ kind: 'open', upstream: { service: 'arm' } });
    expect([version.enabled, isUrgent(rowIn(world))]).toEqual([true, false]);
  });
});

describe('a sweep that disables the newest version', () => {
  it('has the credential rotated at once, although an older version of a living key is left', async () => {
    addLiving();
    addVersion();
    await sweepNow();
    expect(isUrgent(rowIn(world))).toBe(true);
  });

  it('asks for no rotation of a credential that is being revoked, and is over', async () => {
    failAll(world, 'lost', 'deleteKey');
    await revokeIn(world);
    addVersion();
    expect((await sweepNow()).kind).toBe('done');
    expect(isUrgent(rowIn(world))).toBe(false);
    expect(newestVersion(world).enabled).toBe(false);
  });

  it('says what the vault answered where it cannot', async () => {
    addVersion();
    failAll(world, 'refused', 'disableVersion');
    expect(await sweepNow()).toMatchObject({ kind: 'open', upstream: { service: 'vault' } });
  });
});

describe('a living key with our marker that the row does not name', () => {
  it('does not hold up the sweep while a revocation is under way, which takes it up', async () => {
    failAll(world, 'lost', 'deleteKey');
    await revokeIn(world);
    addLiving();
    expect((await sweepNow()).kind).toBe('done');
    withoutFaults(world);
    world.pass(HOUR);
    await revokeIn(world);
    expect(world.confluent.live()).toEqual([]);
  });

  it('holds up the sweep after a revocation has ended: nothing else would lead to it', async () => {
    await revokeIn(world);
    expect(rowIn(world)).toHaveProperty('closed');
    addLiving();
    expect((await sweepNow()).kind).toBe('open');
    expect(rowIn(world)).toHaveProperty('sweepAt');
  });
});

it('a sweep that finds a silent vault says what it heard', async () => {
  failAll(world, 'lost', 'listVersions');
  expect(await sweepNow()).toMatchObject({ kind: 'open', upstream: { service: 'vault' } });
});
