import { beforeEach, describe, expect, it } from 'vitest';
import { ABSENCE_PROVES_MS } from '../../../src/vending/model/timings.ts';
import { faultsAt, HOUR, ID, revokeIn, rotateIn, vendIn, withoutFaults } from '../world/steps.ts';
import { World } from '../world/world.ts';
import { DEAD, dead, logged, newestVersion, stateOf, tickIn, vended } from './scenes.ts';

const MINUTE = 60_000;
let world: World;
beforeEach(() => {
  world = new World();
});

describe('a key to delete', () => {
  it('is deleted half a minute after its worker died on it', async () => {
    world.vault.refuseStores = 'transient';
    world.fault = faultsAt({ deleteKey: { 1: 'crash-before' } });
    await vendIn(world).catch(() => undefined);
    withoutFaults(world);
    expect(stateOf(world)).toBe('compensating');
    await tickIn(world, 30_001);
    expect(stateOf(world)).toBe('failed');
    expect(world.confluent.live()).toEqual([]);
  });

  it('that a lock protects is tried again until the lock is lifted', async () => {
    world = await dead(DEAD.minted);
    world.confluent.isLocked = true;
    await tickIn(world, ABSENCE_PROVES_MS);
    expect(logged(world)).toContain('deletion-refused');
    world.confluent.isLocked = false;
    await tickIn(world, MINUTE + 1);
    expect(stateOf(world)).toBe('failed');
    expect(world.confluent.live()).toEqual([]);
  });
});

describe('a revocation', () => {
  it('goes on where its worker died, until nothing lives and the name is free', async () => {
    await vended(world);
    await rotateIn(world);
    world.fault = faultsAt({ disableVersion: { 1: 'crash-before' } });
    await revokeIn(world).catch(() => undefined);
    withoutFaults(world);
    await tickIn(world, 30_001);
    expect(stateOf(world)).toBe('revoked');
    expect(world.confluent.live()).toEqual([]);
    expect(world.vault.enabled()).toEqual([]);
    expect(world.ledger.all('name')).toEqual([]);
  });

  it('finds a key that only tags name, and deletes it', async () => {
    const { secretName } = await vended(world);
    const description = `vend:${ID}.7.aaaaaa`;
    const lost = world.confluent.add(world, description);
    const tags = { 'vend-id': ID, 'vend-attempt': '7', 'vend-nonce': 'aaaaaa', 'vend-key': lost };
    world.vault.add(world, { vaultUrl: newestVersion(world).vaultUrl, name: secretName, tags });
    await revokeIn(world);
    await tickIn(world, HOUR);
    await tickIn(world, HOUR);
    expect(stateOf(world)).toBe('revoked');
    expect(world.confluent.live()).toEqual([]);
    expect(world.vault.enabled()).toEqual([]);
  });
});
