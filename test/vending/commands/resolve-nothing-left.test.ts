import { describe, expect, it } from 'vitest';
import { expectInvariants } from '../world/invariants.ts';
import { currentKeyIn, HOUR, ID, revokeIn, rowIn, typeOf, vendIn, withoutFaults } from '../world/steps.ts';
import { World } from '../world/world.ts';
import { effectOf, failAll, loseVault, resolveIn, resultOf, ticksIn, vendedWorld } from './resolve-scenes.ts';

const sayGone = (world: World, apiKeyId: string) => resolveIn(world, { decision: 'gone', apiKeyId });

describe('"nothing is left"', () => {
  it('is not believed where the vault names a living key with our marker: that key is deleted', async () => {
    const world = await vendedWorld();
    const { vaultUrl, secretName: name } = rowIn(world);
    const keyId = world.confluent.add(world, `vend:${ID}.9.aaaaaa`);
    const tags = { 'vend-id': ID, 'vend-attempt': '9', 'vend-nonce': 'aaaaaa', 'vend-key': keyId };
    world.vault.add(world, { vaultUrl, name, tags }).enabled = false;
    failAll(world, 'lost', 'listVersions');
    await revokeIn(world);
    withoutFaults(world);
    expect(resultOf(await resolveIn(world, { decision: 'nothing-left' }))).toBe('resolved');
    expect([world.confluent.live(), rowIn(world).closed !== undefined]).toEqual([[], true]);
    expectInvariants(world);
  });

  it('is refused while the row names a key, or the credential is not revoked', async () => {
    const world = await vendedWorld();
    const sayNothing = async (validateOnly = false): Promise<string> =>
      resultOf(await resolveIn(world, { decision: 'nothing-left', validateOnly }));
    expect([await sayNothing(), await sayNothing(true)]).toEqual(['not-resolvable', 'not-resolvable']);
    failAll(world, 'refused', 'getKey', 'deleteKey');
    await revokeIn(world);
    expect([await sayNothing(), await sayNothing(true)]).toEqual(['not-resolvable', 'not-resolvable']);
  });

  it.each([{}, { vaultIsGone: true } as const])('leaves the sweep of a vault that answers, with %j', async (of) => {
    const world = await vendedWorld();
    const key = currentKeyIn(world);
    failAll(world, 'lost', 'listVersions', 'deleteKey');
    await revokeIn(world);
    const gone = world.confluent.find(key);
    if (gone !== undefined) gone.live = false;
    await sayGone(world, key);
    expect(rowIn(world)).not.toHaveProperty('closed');
    withoutFaults(world);
    const validated = await resolveIn(world, { decision: 'nothing-left', ...of, validateOnly: true });
    expect(effectOf(validated)).toBe('close');
    expect(resultOf(await resolveIn(world, { decision: 'nothing-left', ...of }))).toBe('resolved');
    expect(rowIn(world)).toHaveProperty('closed');
    expect(rowIn(world)).toHaveProperty('sweepAt');
  });

  it('closes a credential whose vault is gone, which is forgotten in its time and waits for nobody', async () => {
    const world = await vendedWorld();
    const key = currentKeyIn(world);
    loseVault(world);
    expect(typeOf(await revokeIn(world))).toBe('revoking');
    world.pass(HOUR);
    await sayGone(world, key);
    expect(resultOf(await resolveIn(world, { decision: 'nothing-left', vaultIsGone: true }))).toBe('resolved');
    expect(rowIn(world).closed).toBeDefined();
    await ticksIn(world, 40, 24 * HOUR);
    expect(world.ledger.get(ID)).toBeUndefined();
    expect(world.ledger.all('open')).toEqual([]);
  });

  it('lets go of a failed credential whose vault is gone before it could be swept', async () => {
    const world = new World();
    world.vault.refuseStores = 'transient';
    await vendIn(world);
    await world.settled();
    loseVault(world);
    world.pass(HOUR);
    expect(rowIn(world).sweepAt).toBeDefined();
    await revokeIn(world);
    expect(resultOf(await resolveIn(world, { decision: 'nothing-left', vaultIsGone: true }))).toBe('resolved');
    await ticksIn(world, 40, 24 * HOUR);
    expect(world.ledger.get(ID)).toBeUndefined();
  });
});
