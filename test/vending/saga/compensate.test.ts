import { describe, expect, it } from 'vitest';
import { AFTER_LEASE, failing, faultsAt, liveKeys, stateOf, tick, typeOf } from './steps.ts';
import { ask, askOrCrash } from './vending.ts';
import { type Call, type Fault, World } from './world.ts';

const enabled = (world: World): boolean[] => world.versions.map((version) => version.enabled);

/** A key that somebody deleted in Confluent while its worker was dead, its secret in the vault. */
async function deletedByHand(): Promise<World> {
  const world = failing('store', 'crash-after');
  await askOrCrash(world);
  for (const key of world.keys) key.live = false;
  world.pass(AFTER_LEASE);
  await tick(world);
  expect(stateOf(world)).toBe('compensating');
  world.now += 60_000;
  return world;
}

describe('a version of a deleted key', () => {
  it.each<Call>(['findVersions', 'disableVersion'])('keeps the row open while %s fails', async (call) => {
    const world = await deletedByHand();
    world.fault = (name) => (name === call ? 'lost' : undefined);
    await tick(world);
    expect([stateOf(world), enabled(world)]).toEqual(['compensating', [true]]);
    world.fault = () => undefined;
    await tick(world);
    expect([stateOf(world), enabled(world)]).toEqual(['failed', [false]]);
  });
});

describe('a delete that Confluent refused', () => {
  it.each<Fault>(['lost', 'refused'])('proves nothing while the key’s GET is %s', async (fault) => {
    const world = new World();
    const refused = faultsAt({ store: { 1: 'refused' } });
    world.fault = (call) => {
      if (call === 'deleteKey') return 'refused';
      return call === 'getKey' ? fault : refused(call);
    };
    await ask(world);
    expect([stateOf(world), liveKeys(world)]).toEqual(['compensating', [true]]);
    expect(world.calls.filter((call) => call === 'deleteKey')).toHaveLength(1);
    world.fault = () => undefined;
    expect(typeOf(await ask(world))).toBe('vended');
    expect(liveKeys(world)).toEqual([false, true]);
  });

  it('is as good as done where the GET shows no key, but not in the first minute', async () => {
    const world = failing('store', 'refused');
    const storeFault = world.fault;
    world.fault = (call) => (call === 'deleteKey' ? 'refused' : storeFault(call));
    world.turn = async (call) => {
      if (call === 'deleteKey') for (const key of world.keys) key.live = false;
    };
    await ask(world);
    expect(stateOf(world)).toBe('compensating');
    world.now += 60_000;
    world.turn = async () => undefined;
    await ask(world);
    expect(world.posts, 'closed, and tried again').toHaveLength(2);
  });
});
