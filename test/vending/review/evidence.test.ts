import { describe, expect, it } from 'vitest';
import { resolveCredential } from '../../../src/vending/commands/resolve.ts';
import { findUnnamedKey } from '../../../src/vending/saga/unnamed-keys.ts';
import { failAll, lastKeyIn, resolveIn, ticksIn, unansweredWorld, vendedWorld } from '../commands/resolve-scenes.ts';
import {
  currentKeyIn,
  DAY,
  HOUR,
  ID,
  revokeIn,
  rowIn,
  SETTINGS,
  tick,
  typeOf,
  vendIn,
  withRule,
} from '../world/steps.ts';
import { World } from '../world/world.ts';
import { DEAD, deadInRotation } from './scenes.ts';

describe('Confluent answers 403 for deleted keys', () => {
  it('a forgotten credential that was vended anew is revoked to its end', async () => {
    const world = await vendedWorld();
    await revokeIn(world);
    await ticksIn(world, 40, DAY);
    expect(world.ledger.get(ID)).toBeUndefined();
    world.confluent.goneAs = 'forbidden';
    expect(typeOf(await vendIn(world))).toBe('vended');
    world.pass(DAY);
    await revokeIn(world);
    await ticksIn(world, 30, HOUR);
    expect([rowIn(world).closed !== undefined, world.ledger.all('open')]).toEqual([true, []]);
  });

  it('and it stays open while Confluent says nothing about a key of the forgotten one', async () => {
    const world = await vendedWorld();
    const earlier = currentKeyIn(world);
    await revokeIn(world);
    await ticksIn(world, 40, DAY);
    await vendIn(world);
    world.pass(DAY);
    const { confluent, ...ctx } = world.ctx('reconciler');
    const silent = { kind: 'unclear', upstream: { service: 'arm', code: 'ETIMEDOUT' } } as const;
    const getKey: typeof confluent.getKey = async (target, keyId) =>
      keyId === earlier ? silent : confluent.getKey(target, keyId);
    expect(await findUnnamedKey({ ...ctx, confluent: { ...confluent, getKey } }, rowIn(world))).toMatchObject({
      kind: 'unclear',
    });
  });

  it('control: without the forgotten one before it', async () => {
    const world = await vendedWorld();
    world.confluent.goneAs = 'forbidden';
    await revokeIn(world);
    await ticksIn(world, 30, HOUR);
    expect([rowIn(world).closed !== undefined, world.ledger.all('open')]).toEqual([true, []]);
  });
});

describe('tags of an attempt on the version of current', () => {
  const retag = (world: World): void => {
    const [version] = world.vault.versions;
    const { work } = rowIn(world);
    if (version === undefined || work === undefined) throw new Error('no attempt');
    const { attempt, nonce } = work;
    version.tags = {
      ...version.tags,
      'vend-attempt': String(attempt),
      'vend-nonce': nonce,
      'vend-key': lastKeyIn(world),
    };
  };

  it('do not make it the version of two keys: the overlap ends with readers who have nothing', async () => {
    const world = await deadInRotation(DEAD.posted);
    retag(world);
    await tick(world);
    await ticksIn(world, 5, 26 * HOUR);
    expect(world.vault.readableValues()).toHaveLength(1);
  });

  it('do not have it disabled by "gone"', async () => {
    const world = await unansweredWorld();
    retag(world);
    const apiKeyId = lastKeyIn(world);
    failAll(world, 'refused', 'getKey', 'deleteKey');
    await resolveIn(world, { decision: 'key', apiKeyId, gone: true });
    expect(world.vault.readableValues()).toHaveLength(1);
    await resolveIn(world, { decision: 'gone', apiKeyId });
    expect(world.vault.readableValues()).toHaveLength(1);
  });
});

it('an operator’s look at a suspended rotation is no review that decided nothing', async () => {
  const world = new World();
  await vendIn(world, { settings: withRule({ rotateEvery: 'P30D' }) });
  await world.settled();
  world.pass(31 * DAY);
  const ruleless = { ...SETTINGS, policy: { rules: [] } };
  await tick(world, ruleless);
  world.logs = [];
  await resolveCredential(world.ctx('operator'), ruleless, { id: ID, resolution: { decision: 'look' } });
  expect(world.logs.map(({ event }) => event)).toEqual(['rotation-suspended']);
});
