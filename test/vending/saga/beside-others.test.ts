import { describe, expect, it } from 'vitest';
import { namedKeys } from '../../../src/vending/model/credential.ts';
import { failAll, lastKeyIn, resolveIn, ticksIn, unansweredWorld, vendedWorld } from '../commands/resolve-scenes.ts';
import {
  currentKeyIn,
  endOverlapIn,
  faultsAt,
  HOUR,
  heldAt,
  orCrash,
  revokeIn,
  rotateIn,
  rowIn,
  tick,
  typeOf,
  vendIn,
  withoutFaults,
} from '../world/steps.ts';
import { World } from '../world/world.ts';

const SECOND = 1_000;
const othersGoOn = (world: World): void => {
  world.turn = async () => undefined;
};

describe.each(['absent', 'forbidden'] as const)(
  'the proof that a key is gone, where a deleted key is %s,',
  (goneAs) => {
    async function rotatedWorld(): Promise<World> {
      const world = await vendedWorld();
      world.confluent.goneAs = goneAs;
      await rotateIn(world);
      await world.settled();
      world.pass(HOUR);
      return world;
    }

    it('outlasts a review that writes beside the revocation', async () => {
      const world = await vendedWorld();
      world.confluent.goneAs = goneAs;
      const goOn = await heldAt(world, 'commit', 2, () => revokeIn(world));
      expect(world.confluent.live()).toEqual([]);
      othersGoOn(world);
      world.pass(31 * SECOND);
      await tick(world);
      await goOn();
      await ticksIn(world, 3, HOUR);
      expect(rowIn(world)).toHaveProperty('closed');
      expect(world.ledger.all('open')).toEqual([]);
    });

    it('outlasts an operator’s look beside the end of an overlap', async () => {
      const world = await rotatedWorld();
      const [old = ''] = world.confluent.live();
      const goOn = await heldAt(world, 'commit', 2, () => endOverlapIn(world, old));
      othersGoOn(world);
      await resolveIn(world, { decision: 'look' });
      await goOn();
      await ticksIn(world, 3, HOUR);
      expect(rowIn(world)).not.toHaveProperty('previous');
      expect(world.ledger.all('open')).toEqual([]);
    });

    it('outlasts one commit that the ledger does not answer', async () => {
      const world = await vendedWorld();
      world.confluent.goneAs = goneAs;
      world.fault = faultsAt({ commit: { 2: 'lost' } });
      await revokeIn(world);
      withoutFaults(world);
      await ticksIn(world, 3, HOUR);
      expect(rowIn(world)).toHaveProperty('closed');
    });

    it.each<[string, (world: World) => Promise<unknown>]>([
      ['the end of an overlap', () => Promise.resolve()],
      ['a revocation', (world) => revokeIn(world)],
    ])('outlasts a vault that is silent after the deletion: %s', async (_, act) => {
      const world = await rotatedWorld();
      world.pass(26 * HOUR);
      failAll(world, 'lost', 'disableVersion', 'listVersions');
      await act(world);
      await ticksIn(world, 2, HOUR);
      expect(world.confluent.deleted).not.toEqual([]);
      withoutFaults(world);
      await ticksIn(world, 5, HOUR);
      expect(rowIn(world)).not.toHaveProperty('previous');
      expect(rowIn(world).revocation !== undefined).toBe(rowIn(world).closed !== undefined);
      expect(world.ledger.all('open')).toEqual([]);
    });

    it('outlasts the same beside a compensation', async () => {
      const world = new World();
      world.confluent.goneAs = goneAs;
      world.vault.refuseStores = 'transient';
      failAll(world, 'lost', 'listVersions');
      await vendIn(world);
      expect([world.confluent.live(), rowIn(world).work?.phase]).toEqual([[], 'compensating']);
      withoutFaults(world);
      world.vault.refuseStores = undefined;
      await ticksIn(world, 5, HOUR);
      expect(typeOf(await vendIn(world))).toBe('vended');
    });
  },
);

it('a key is in the row before its secret is stored, although a sweep wrote beside the POST', async () => {
  const world = new World();
  world.vault.refuseStores = 'transient';
  await vendIn(world);
  await world.settled();
  world.vault.refuseStores = undefined;
  world.pass((rowIn(world).sweepAt ?? 0) - world.now - SECOND);
  world.vault.provenAt.set('https://v.vault.azure.net', world.now);
  const goOn = await heldAt(world, 'mint', 1, () => vendIn(world));
  othersGoOn(world);
  world.pass(2 * SECOND);
  await tick(world);
  expect(rowIn(world)).not.toHaveProperty('sweepAt');
  world.fault = faultsAt({ store: { 1: 'crash-before' } });
  await orCrash(goOn);
  expect(rowIn(world).work).toMatchObject({ phase: 'minted', keyId: world.confluent.live()[0] });
});

it('a key that is proven gone leaves the row although an operator finds another: the look was for the row before', async () => {
  const world = await unansweredWorld();
  const found = lastKeyIn(world);
  const current = currentKeyIn(world);
  await resolveIn(world, { decision: 'none' });
  const goOn = await heldAt(world, 'commit', 2, () => revokeIn(world));
  othersGoOn(world);
  world.confluent.isLocked = true;
  await resolveIn(world, { decision: 'key', apiKeyId: found });
  await goOn();
  expect(namedKeys(rowIn(world))).toEqual([found]);
  expect(rowIn(world).revocation).not.toHaveProperty('checkedAt');
  expect(world.confluent.live()).not.toContain(current);
});
