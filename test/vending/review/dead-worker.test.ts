import { describe, expect, it } from 'vitest';
import { describeWithMarker } from '../../../src/vending/model/idempotency.ts';
import { ABSENCE_PROVES_MS } from '../../../src/vending/model/timings.ts';
import { HOUR, ID, revokeIn, rowIn, tick } from '../world/steps.ts';
import { VAULT, type World } from '../world/world.ts';
import { DEAD, dead, deadInRotation, logged, newestKey, newestVersion, type Script, stateOf } from './scenes.ts';

const retag = (world: World, tags: Readonly<Record<string, string>>): void => {
  const version = newestVersion(world);
  version.tags = { ...version.tags, ...tags };
};
const strip = (world: World): void => {
  newestVersion(world).tags = {};
};
/** Long enough ago that a 404 proves it. */
const kill = (world: World): void => {
  newestKey(world).live = false;
  world.pass(ABSENCE_PROVES_MS);
};
const disable = (world: World): World => {
  newestVersion(world).enabled = false;
  return world;
};
const nothing = (): undefined => undefined;
/** Until no clock of a worker can be so far behind that it still stores. */
const age = (world: World): void => world.pass(ABSENCE_PROVES_MS);

/** `live`: keys that live. `enabled`: versions that are. */
type Left = Readonly<{ state: string; live: number; enabled: number }>;

const leftIn = (world: World): Left => ({
  state: stateOf(world),
  live: world.confluent.live().length,
  enabled: world.vault.versions.filter(({ enabled }) => enabled).length,
});

const VENDED: Left = { state: 'vended', live: 1, enabled: 1 };
const CLEAN: Left = { state: 'failed', live: 0, enabled: 0 };

describe('an attempt whose worker died', () => {
  it.each<[string, Script, (world: World) => void, Left]>([
    ['before its POST is unknown', { mint: { 1: 'crash-before' } }, nothing, { state: 'unknown', live: 0, enabled: 0 }],
    ['after its POST is unknown', DEAD.posted, nothing, { state: 'unknown', live: 1, enabled: 0 }],
    ['after its store is vended', DEAD.stored, nothing, VENDED],
    ['after its store is vended, although the row names no key', DEAD.storedBlindly, nothing, VENDED],
    ['before its store loses its key', DEAD.minted, age, CLEAN],
    ['loses its key where its version was disabled', DEAD.stored, (world) => age(disable(world)), CLEAN],
    ['ends where somebody deleted its key', DEAD.stored, kill, CLEAN],
    [
      'is unknown where the key of its version is gone and the row names none',
      DEAD.storedBlindly,
      kill,
      { state: 'unknown', live: 0, enabled: 1 },
    ],
    [
      'is unknown where the version of its key was disabled and the row names none',
      DEAD.storedBlindly,
      disable,
      { state: 'unknown', live: 1, enabled: 0 },
    ],
    [
      'is unknown where its version has no tags any more and the row names no key',
      DEAD.storedBlindly,
      strip,
      { state: 'unknown', live: 1, enabled: 1 },
    ],
    [
      'is undecided where its version has no tags any more: it may hold the secret of the living key',
      DEAD.stored,
      strip,
      { state: 'minted', live: 1, enabled: 1 },
    ],
    [
      'is undecided where its version names another key',
      DEAD.stored,
      (world) => retag(world, { 'vend-key': world.confluent.add(world, 'a stranger’s') }),
      { state: 'minted', live: 2, enabled: 1 },
    ],
  ])('%s', async (_, script, prepare, left) => {
    const world = await dead(script);
    prepare(world);
    await tick(world);
    expect(leftIn(world)).toEqual(left);
    expect(world.confluent.posts.length).toBeLessThanOrEqual(1);
  });

  it('keeps the key that it stored, and readers get its secret', async () => {
    const world = await dead(DEAD.stored);
    await tick(world);
    const { current } = rowIn(world);
    expect(current?.key).toEqual(newestKey(world).record);
    expect(current?.secret).toEqual({ version: newestVersion(world).version, id: expect.stringContaining(VAULT) });
    expect(world.vault.readable()).toEqual([current?.key.id]);
  });

  it('never adopts a key that has no marker of it, whatever the tags say', async () => {
    const world = await dead(DEAD.posted);
    const foreign = world.confluent.add(world, 'of another team');
    const other = world.confluent.add(
      world,
      describeWithMarker(undefined, 'z'.repeat(26), { attempt: 1, nonce: 'aaaaaa' }),
    );
    const { secretName, work } = rowIn(world);
    for (const key of [foreign, other]) {
      const tags = { 'vend-id': ID, 'vend-attempt': '1', 'vend-nonce': work?.nonce ?? '', 'vend-key': key };
      world.vault.add(world, { vaultUrl: VAULT, name: secretName, tags });
    }
    await tick(world);
    expect(stateOf(world)).toBe('unknown');
    expect(world.confluent.deleted).toEqual([]);
  });

  it.each<[string, Script]>([
    ['the row names', DEAD.stored],
    ['only the tags name', DEAD.storedBlindly],
  ])('is undecided while a 404 proves nothing about the key that %s', async (_, script) => {
    const world = await dead(script);
    const before = leftIn(world);
    newestKey(world).live = false;
    world.pass(ABSENCE_PROVES_MS - 2);
    await tick(world);
    newestKey(world).live = true;
    expect(leftIn(world)).toEqual(before);
    world.pass(HOUR);
    await tick(world);
    expect(leftIn(world)).toEqual(VENDED);
  });

  it('is left alone until lease and settling time are over', async () => {
    const world = await dead(DEAD.stored);
    world.now -= 2;
    await tick(world);
    expect(stateOf(world)).toBe('minted');
    world.now += 2;
    await tick(world);
    expect(stateOf(world)).toBe('vended');
  });

  it('leaves the current key as it is where it was to rotate it', async () => {
    const world = await deadInRotation(DEAD.minted);
    const old = rowIn(world).current?.key.id;
    age(world);
    await tick(world);
    expect(rowIn(world)).toMatchObject({ current: { key: { id: old } }, failure: { forRotation: true } });
    expect(world.confluent.live()).toEqual([old]);
    expect(world.vault.readable()).toEqual([old]);
  });

  it('ends its rotation where the secret is stored', async () => {
    const world = await deadInRotation(DEAD.stored);
    const old = rowIn(world).current?.key.id;
    await tick(world);
    expect(rowIn(world)).toMatchObject({
      previous: { keyId: old },
      current: { key: { id: newestKey(world).record.id } },
    });
    expect(world.confluent.live()).toHaveLength(2);
  });
});

describe('an attempt whose worker died while the credential was revoked', () => {
  it.each<[string, Script, Left]>([
    ['after its store', DEAD.stored, CLEAN],
    ['after its store, with a row that names no key', DEAD.storedBlindly, CLEAN],
    ['before its store', DEAD.minted, CLEAN],
  ])('%s loses its key, and the revocation is closed', async (_, script, { live, enabled }) => {
    const world = await dead(script);
    await revokeIn(world);
    await tick(world);
    world.pass(HOUR);
    await tick(world);
    expect(leftIn(world)).toEqual({ state: 'revoked', live, enabled });
  });
});

type Upstream = readonly [call: 'listVersions' | 'getKey', fault: 'lost' | 'refused'];

describe('what an upstream does not tell', () => {
  it.each<[string, Script, Upstream]>([
    ['the vault lists nothing', DEAD.stored, ['listVersions', 'lost']],
    ['Confluent is silent', DEAD.stored, ['getKey', 'lost']],
    ['Confluent answers 403', DEAD.stored, ['getKey', 'refused']],
    ['Confluent is silent and the row names no key', DEAD.storedBlindly, ['getKey', 'lost']],
    ['Confluent answers 403 and the row names no key', DEAD.storedBlindly, ['getKey', 'refused']],
  ])('decides nothing: %s', async (_, script, [call, fault]) => {
    const world = await dead(script);
    const before = stateOf(world);
    world.fault = (each) => (each === call ? fault : undefined);
    await tick(world);
    expect(stateOf(world)).toBe(before);
    expect(logged(world)).toContain('review-undecided');
    expect(world.logs.find(({ event }) => event === 'review-undecided')?.upstream).toBeDefined();
    world.fault = nothing;
    world.pass(HOUR);
    await tick(world);
    expect(stateOf(world)).toBe('vended');
  });
});
