import { describe, expect, it } from 'vitest';
import { currentKeyIn, DAY, HOUR, ID, revokeIn, rowIn, typeOf, withoutFaults } from '../world/steps.ts';
import {
  effectOf,
  failAll,
  lastKeyIn,
  loseVault,
  resolveIn,
  resultOf,
  storedBlindlyWorld,
  ticksIn,
  vendedWorld,
} from './resolve-scenes.ts';

describe('a revoked credential whose vault goes before its sweep', () => {
  it('is let go by "nothing-left"', async () => {
    const world = await vendedWorld();
    expect(typeOf(await revokeIn(world))).toBe('revoked');
    await world.settled();
    loseVault(world);
    await ticksIn(world, 10);
    expect(world.ledger.all('open')).toMatchObject([{ reason: 'undecided' }]);
    expect(resultOf(await resolveIn(world, { decision: 'nothing-left', vaultIsGone: true }))).toBe('resolved');
    await ticksIn(world, 40, DAY);
    expect([world.ledger.get(ID)?.closed, world.ledger.all('open')]).toEqual([undefined, []]);
  });

  it('is let go where the operator forgot vaultIsGone the first time', async () => {
    const world = await vendedWorld();
    const apiKeyId = currentKeyIn(world);
    loseVault(world);
    await revokeIn(world);
    world.pass(HOUR);
    await resolveIn(world, { decision: 'gone', apiKeyId });
    await resolveIn(world, { decision: 'nothing-left' });
    await ticksIn(world, 10);
    await resolveIn(world, { decision: 'nothing-left', vaultIsGone: true });
    await ticksIn(world, 40, DAY);
    expect([world.ledger.get(ID)?.closed, world.ledger.all('open')]).toEqual([undefined, []]);
  });
});

describe('a wrong "gone"', () => {
  it('is refused while Confluent is only silent, as "key" is', async () => {
    const world = await vendedWorld();
    failAll(world, 'lost', 'getKey', 'deleteKey');
    await revokeIn(world);
    const said = await resolveIn(world, { decision: 'gone', apiKeyId: currentKeyIn(world) });
    withoutFaults(world);
    await ticksIn(world, 40, DAY);
    expect([resultOf(said), world.confluent.live()]).toEqual(['upstream-unreachable', []]);
  });

  it('is found out by a later revocation, whose look at the tags names the key', async () => {
    const world = await storedBlindlyWorld();
    const apiKeyId = lastKeyIn(world);
    failAll(world, 'refused', 'getKey', 'deleteKey');
    expect(resultOf(await resolveIn(world, { decision: 'key', apiKeyId, gone: true }))).toBe('resolved');
    expect(resultOf(await resolveIn(world, { decision: 'gone', apiKeyId }))).toBe('resolved');
    withoutFaults(world);
    await ticksIn(world, 20, HOUR);
    await revokeIn(world);
    await ticksIn(world, 20, HOUR);
    expect(rowIn(world).closed).toBeDefined();
    expect(world.confluent.live()).toEqual([]);
  });
});

it('the trial of "nothing-left" says that a key would be deleted', async () => {
  const world = await vendedWorld();
  const { vaultUrl, secretName: name } = rowIn(world);
  const keyId = world.confluent.add(world, `vend:${ID}.9.aaaaaa`);
  const tags = { 'vend-id': ID, 'vend-attempt': '9', 'vend-nonce': 'aaaaaa', 'vend-key': keyId };
  world.vault.add(world, { vaultUrl, name, tags }).enabled = false;
  failAll(world, 'lost', 'listVersions');
  await revokeIn(world);
  withoutFaults(world);
  const trial = effectOf(await resolveIn(world, { decision: 'nothing-left', validateOnly: true }));
  await resolveIn(world, { decision: 'nothing-left' });
  expect(world.confluent.deleted).toContain(keyId);
  expect(trial).toBe('revoke');
});
