import { beforeEach, describe, expect, it } from 'vitest';
import { ABSENCE_PROVES_MS } from '../../../src/vending/model/timings.ts';
import {
  AFTER_DOUBT,
  currentKeyIn,
  faultsAt,
  HOUR,
  ID,
  revokeIn,
  rotateIn,
  rowIn,
  withoutFaults,
} from '../world/steps.ts';
import { World } from '../world/world.ts';
import { DEAD, dead, tickIn, vended } from './scenes.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

describe('a sweep, where Confluent answers 403 about every key,', () => {
  const forbidden = (): void => {
    world.fault = (call) => (call === 'getKey' ? 'refused' : undefined);
  };
  /** A version of an attempt that the ledger forgot. */
  const forget = (): string => {
    const { secretName: name, vaultUrl } = rowIn(world);
    const keyId = world.confluent.add(world, `vend:${ID}.9.aaaaaa`);
    const tags = { 'vend-id': ID, 'vend-attempt': '9', 'vend-nonce': 'aaaaaa', 'vend-key': keyId };
    world.vault.add(world, { vaultUrl, name, tags });
    return keyId;
  };

  it('spares a version of which no row says that its key is gone, until Confluent answers', async () => {
    world = await dead(DEAD.minted);
    await tickIn(world, ABSENCE_PROVES_MS);
    const forgotten = forget();
    forbidden();
    await tickIn(world, AFTER_DOUBT);
    await tickIn(world, HOUR);
    expect(world.vault.enabled()).toEqual([forgotten]);
    expect(world.ledger.all('open')).toMatchObject([{ id: ID, reason: 'undecided' }]);
    const [key] = world.confluent.keys.filter(({ record }) => record.id === forgotten);
    if (key !== undefined) key.live = false;
    withoutFaults(world);
    await tickIn(world, HOUR + 1);
    expect([rowIn(world).sweepAt, world.vault.enabled()]).toEqual([undefined, []]);
  });

  it('disables a version that landed late, of a key that the row of its attempt says is gone', async () => {
    world = await dead(DEAD.minted);
    const { keyId = '', attempt, nonce } = rowIn(world).work ?? {};
    await tickIn(world, ABSENCE_PROVES_MS);
    expect(world.confluent.live()).toEqual([]);
    const { secretName: name, vaultUrl } = rowIn(world);
    const tags = { 'vend-id': ID, 'vend-attempt': `${attempt}`, 'vend-nonce': `${nonce}`, 'vend-key': keyId };
    world.vault.add(world, { vaultUrl, name, tags });
    forbidden();
    await tickIn(world, AFTER_DOUBT);
    expect([rowIn(world).sweepAt, world.vault.enabled()]).toEqual([undefined, []]);
  });

  it('spares a version whose tags name the key of current', async () => {
    const { current, secretName: name, vaultUrl } = await vended(world);
    world.fault = faultsAt({ store: { 1: 'lost' } });
    await rotateIn(world);
    withoutFaults(world);
    await tickIn(world, AFTER_DOUBT);
    const tags = { 'vend-id': ID, 'vend-attempt': '9', 'vend-nonce': 'aaaaaa', 'vend-key': `${current?.key.id}` };
    world.vault.add(world, { vaultUrl, name, tags });
    forbidden();
    await tickIn(world, AFTER_DOUBT);
    expect(world.vault.enabled()).toEqual([current?.key.id, current?.key.id]);
  });

  it('disables every version of a credential that is revoked', async () => {
    await vended(world);
    await revokeIn(world);
    forget();
    forbidden();
    await tickIn(world, AFTER_DOUBT);
    await tickIn(world, AFTER_DOUBT);
    expect([rowIn(world).sweepAt, world.vault.enabled()]).toEqual([undefined, []]);
  });

  it('spares what the row names', async () => {
    await vended(world);
    world.fault = faultsAt({ store: { 1: 'lost' } });
    await rotateIn(world);
    withoutFaults(world);
    await tickIn(world, AFTER_DOUBT);
    expect(rowIn(world).sweepAt).toBeDefined();
    world.pass(AFTER_DOUBT);
    world.fault = faultsAt({ store: { 1: 'crash-after' } });
    await rotateIn(world, { key: 'r2' }).catch(() => undefined);
    // A stranger replaced the tags of the current version.
    const [current] = world.vault.versions;
    if (current !== undefined) current.tags = { ...current.tags, 'vend-attempt': '9' };
    world.fault = (call) => (call === 'getKey' ? 'refused' : undefined);
    await tickIn(world, 0);
    expect(rowIn(world)).not.toHaveProperty('sweepAt');
    expect(world.vault.enabled()).toEqual([currentKeyIn(world), rowIn(world).work?.keyId]);
  });
});
