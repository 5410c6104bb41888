import { describe, expect, it } from 'vitest';
import { ABSENCE_PROVES_MS } from '../../../src/vending/model/timings.ts';
import { expectInvariants } from '../world/invariants.ts';
import type { Call, Fault } from '../world/network.ts';
import {
  AFTER_LEASE,
  currentKeyIn,
  failing,
  faultsAt,
  HOUR,
  orCrash,
  rowIn,
  tick,
  typeOf,
  vendIn,
  withoutFaults,
} from '../world/steps.ts';
import { World } from '../world/world.ts';

const phaseIn = (world: World): string | undefined => rowIn(world).work?.phase;
const enabled = (world: World): boolean[] => world.vault.versions.map((version) => version.enabled);

/** The vault refuses the secret, and the deletion of its key has this fault. */
async function refusedWith(fault: Fault): Promise<World> {
  const world = new World();
  world.fault = faultsAt({ store: { 1: 'refused' }, deleteKey: { 1: fault } });
  await vendIn(world);
  withoutFaults(world);
  return world;
}

describe('a key that has to be deleted', () => {
  it.each<Fault>(['lost', 'late', 'unanswered', 'young', 'refused'])(
    'is named in the row while its deletion is %s, and deleted by the reconciler',
    async (fault) => {
      const world = await refusedWith(fault);
      expect(phaseIn(world)).toBe('compensating');
      expectInvariants(world);
      for (let ticks = 0; ticks < 3; ticks++) {
        world.pass(150_000);
        await tick(world);
      }
      expect([phaseIn(world), world.confluent.live()]).toEqual([undefined, []]);
      expectInvariants(world);
    },
  );

  it('is not believed gone by a 404 while it is young', async () => {
    const world = await refusedWith('unanswered');
    expect(typeOf(await vendIn(world))).toBe('request-in-progress');
    world.pass(ABSENCE_PROVES_MS - 1);
    expect(typeOf(await vendIn(world))).toBe('request-in-progress');
    world.pass(1);
    expect(typeOf(await vendIn(world))).toBe('vended');
  });

  it('is as young as the end of its POST, however long that took', async () => {
    const world = new World();
    const script = faultsAt({ store: { 1: 'refused' }, deleteKey: { 1: 'unanswered' } });
    world.fault = (call) => {
      if (call === 'mint') world.now += 40_000;
      return script(call);
    };
    await vendIn(world);
    withoutFaults(world);
    world.pass(ABSENCE_PROVES_MS - 1);
    expect(typeOf(await vendIn(world))).toBe('request-in-progress');
    world.pass(1);
    expect(typeOf(await vendIn(world))).toBe('vended');
  });

  it('is not believed gone by a 403, however old', async () => {
    const world = await refusedWith('unanswered');
    world.confluent.goneAs = 'forbidden';
    world.pass(HOUR);
    expect(typeOf(await vendIn(world))).toBe('request-in-progress');
    expect(world.confluent.posts).toHaveLength(1);
  });

  it('that Confluent refuses to delete is reported, and deleted when the lock is lifted', async () => {
    const world = new World();
    world.confluent.isLocked = true;
    world.vault.refuseStores = 'transient';
    await vendIn(world);
    expect(world.logs).toContainEqual(expect.objectContaining({ event: 'deletion-refused', level: 'error' }));
    world.confluent.isLocked = false;
    world.vault.refuseStores = undefined;
    expect(typeOf(await vendIn(world))).toBe('vended');
    expect(world.confluent.live()).toEqual([currentKeyIn(world)]);
  });

  it.each<Fault>(['lost', 'refused'])('is not deleted unseen: a GET that is %s sends no DELETE', async (fault) => {
    const world = await refusedWith('lost');
    world.fault = faultsAt({ getKey: { 1: fault } });
    world.calls = [];
    await vendIn(world);
    expect(world.calls).not.toContain('deleteKey');
    withoutFaults(world);
    expect(typeOf(await vendIn(world))).toBe('vended');
  });
});

describe('a version of a deleted key', () => {
  /** A key that somebody deleted in Confluent while its worker was dead, its secret in the vault. */
  async function deletedByHand(): Promise<World> {
    const world = failing('store', 'crash-after');
    await orCrash(() => vendIn(world));
    for (const key of world.confluent.keys) key.live = false;
    world.pass(AFTER_LEASE + ABSENCE_PROVES_MS);
    return world;
  }

  it.each<Call>(['disableVersion', 'listVersions'])('keeps the row open while %s fails', async (call) => {
    const world = await deletedByHand();
    world.fault = (name) => (name === call && world.calls.includes('getKey') ? 'lost' : undefined);
    await tick(world);
    expect([phaseIn(world), enabled(world)]).toEqual(['compensating', [true]]);
    withoutFaults(world);
    world.pass(ABSENCE_PROVES_MS);
    await tick(world);
    expect([phaseIn(world), enabled(world)]).toEqual([undefined, [false]]);
  });
});

it('a failed attempt that is over is swept, and then forgotten after its retention', async () => {
  const world = await refusedWith('lost');
  for (let ticks = 0; ticks < 3; ticks++) {
    world.pass(300_000);
    await tick(world);
    await world.settled();
  }
  expect(rowIn(world).sweepAt).toBeUndefined();
  world.pass(31 * 24 * HOUR);
  await tick(world);
  await world.settled();
  expect([...world.ledger.rows.keys()]).toEqual([]);
});
