import { describe, expect, it } from 'vitest';
import {
  currentKeyIn,
  DAY,
  HOUR,
  revokeIn,
  rotateIn,
  rowIn,
  SETTINGS,
  vendIn,
  withoutFaults,
  withRule,
} from '../world/steps.ts';
import { World } from '../world/world.ts';
import { entryOf, placesIn, recoverIn } from './recover-scenes.ts';
import { detailOf, failAll, resolveIn, ticksIn, vendedWorld } from './resolve-scenes.ts';

describe('recovery: an older copy says that the attempt failed, and a later one made a key', () => {
  async function restored(): Promise<World> {
    const world = new World();
    failAll(world, 'refused', 'mint');
    await vendIn(world);
    const copy = new Map(world.ledger.rows);
    withoutFaults(world);
    world.pass(HOUR);
    await vendIn(world);
    await world.settled();
    world.ledger.rows = copy;
    world.pass(HOUR);
    return world;
  }

  it('it is not "known" while Confluent is silent: that leads to two keys for one request', async () => {
    const world = await restored();
    failAll(world, 'lost', 'getKey');
    const { outcome } = entryOf(await recoverIn(world));
    withoutFaults(world);
    await vendIn(world);
    await world.settled();
    expect([outcome, world.confluent.live().length]).toEqual(['not-inserted', 2]);
  });

  it.each([
    ['another vault', withRule({ vaultUrl: 'https://other.vault.azure.net' })],
    ['other owners', withRule({ allowedOwners: ['u-*'] })],
  ])('it is not "known" where policy gives %s today', async (_, settings) => {
    const world = await restored();
    const entry = entryOf(await recoverIn(world, { vaultUrl: SETTINGS.defaultVaultUrl }, settings));
    expect(entry).toMatchObject({ outcome: 'not-inserted' });
  });
});

describe('an older copy gives the number of an attempt twice', () => {
  /** As the runbook says: rotate, wait for the overlap, name the key that was left. */
  async function scene() {
    const world = await vendedWorld();
    const copy = new Map(world.ledger.rows);
    await rotateIn(world, { key: 'before the restore' });
    await world.settled();
    const left = currentKeyIn(world);
    world.pass(HOUR);
    world.ledger.rows = copy;
    expect(placesIn(entryOf(await recoverIn(world)))).toEqual(['left', 'current']);
    await rotateIn(world, { key: 'mine' });
    await world.settled();
    const mine = currentKeyIn(world);
    await ticksIn(world, 2, 26 * HOUR);
    expect(detailOf(await resolveIn(world, { decision: 'key', apiKeyId: left }))).toBe('');
    await world.settled();
    expect(world.confluent.live()).toEqual([mine]);
    return { world, mine };
  }

  it('a repeated rotation is answered as before', async () => {
    const { world, mine } = await scene();
    const again = await rotateIn(world, { key: 'mine' });
    // request-in-progress, for ever
    expect(again).toMatchObject({ kind: 'vended', replayed: true, rotation: { apiKeyId: mine } });
  });

  it('a revocation comes to its end where Confluent answers 403 for deleted keys', async () => {
    const { world } = await scene();
    await rotateIn(world, { key: 'next' });
    await world.settled();
    world.confluent.goneAs = 'forbidden';
    await ticksIn(world, 3, 26 * HOUR);
    await revokeIn(world);
    await ticksIn(world, 30, HOUR);
    expect([rowIn(world).closed !== undefined, world.ledger.all('open')]).toEqual([true, []]);
  });

  it('nothing is left when it is forgotten', async () => {
    const { world } = await scene();
    await revokeIn(world);
    await ticksIn(world, 40, DAY);
    expect([...world.ledger.rows.keys()]).toEqual([]);
  });
});
