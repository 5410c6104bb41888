import { describe, expect, it } from 'vitest';
import { readMarker } from '../../../src/vending/model/idempotency.ts';
import { DEAD, dead } from '../review/scenes.ts';
import { expectInvariants } from '../world/invariants.ts';
import {
  currentKeyIn,
  faultsAt,
  HOUR,
  orCrash,
  revokeIn,
  rotateIn,
  rowIn,
  SETTINGS,
  typeOf,
  vendIn,
  withoutFaults,
} from '../world/steps.ts';
import type { World } from '../world/world.ts';
import { detailOf, lastKeyIn, loseVault, resolveIn, resultOf, ticksIn, unansweredWorld } from './resolve-scenes.ts';

describe('a key that is found after a wrong "none"', () => {
  /** Its secret is the newest version, and nothing names it. */
  async function wronglyClosed(): Promise<{ readonly world: World; readonly key: string; readonly version: string }> {
    const world = await unansweredWorld();
    const key = lastKeyIn(world);
    expect(resultOf(await resolveIn(world, { decision: 'none' }))).toBe('resolved');
    const { vaultUrl, secretName } = rowIn(world);
    const { version } = world.vault.add(world, { vaultUrl, name: secretName });
    return { world, key, version };
  }

  it('is deleted, whatever the ledger says of its attempt', async () => {
    const { world, key, version } = await wronglyClosed();
    const said = await resolveIn(world, { decision: 'key', apiKeyId: key, versions: { [version]: 'other' } });
    expect(resultOf(said)).toBe('resolved');
    expect(world.confluent.live()).toEqual([currentKeyIn(world)]);
    expectInvariants(world);
  });

  it('is no failed rotation of the current key, and its event names the attempt that made it', async () => {
    const { world, key, version } = await wronglyClosed();
    const { attempt } = readMarker(world.confluent.find(key)?.record.spec.description) ?? {};
    expect(typeOf(await rotateIn(world, { key: 'r2' }))).toBe('vended');
    await world.settled();
    world.published = [];
    await resolveIn(world, { decision: 'key', apiKeyId: key, versions: { [version]: 'other' } });
    await world.settled();
    expect(world.published.map(({ data }) => data)).toMatchObject([{ attempt, apiKeyId: key }]);
    expect(rowIn(world).failure).not.toHaveProperty('forRotation');
  });

  it.each(['current', 'previous'] as const)(
    'is deleted without the version of %s, although that has its tags: somebody copied them',
    async (place) => {
      const { world, key, version } = await wronglyClosed();
      await rotateIn(world, { key: 'r2' });
      const { attempt, nonce } = readMarker(world.confluent.find(key)?.record.spec.description) ?? {};
      const copy = world.vault.versions.find((each) => each.version === rowIn(world)[place]?.secret.version);
      if (copy === undefined) throw new Error(`There is no ${place}.`);
      copy.tags = { ...copy.tags, 'vend-attempt': `${attempt}`, 'vend-nonce': `${nonce}`, 'vend-key': key };
      if (place === 'current')
        world.vault.add(world, { vaultUrl: rowIn(world).vaultUrl, name: rowIn(world).secretName, tags: {} });
      const versions = Object.fromEntries(
        world.vault.versions
          .filter(({ tags }) => Object.keys(tags).length === 0)
          .map((each) => [each.version, 'other' as const]),
      );
      await resolveIn(world, { decision: 'key', apiKeyId: key, versions: { ...versions, [version]: 'other' } });
      expect([world.confluent.live().includes(key), copy.enabled]).toEqual([false, true]);
    },
  );

  it('is not deleted before somebody says whose the versions are that nobody signed', async () => {
    const { world, key, version } = await wronglyClosed();
    expect(detailOf(await resolveIn(world, { decision: 'key', apiKeyId: key }))).toContain(version);
    expect(world.confluent.live()).toContain(key);
  });

  it('is not deleted where readers have its secret, until they have another', async () => {
    const { world, key, version } = await wronglyClosed();
    const versions = { [version]: 'attempt' } as const;
    expect(detailOf(await resolveIn(world, { decision: 'key', apiKeyId: key, versions }))).toContain('rotate');
    expect(world.confluent.live()).toContain(key);
  });

  it('waits for the attempt that is under way', async () => {
    const { world, key, version } = await wronglyClosed();
    world.fault = faultsAt({ mint: { 1: 'crash-before' } });
    await orCrash(() => rotateIn(world, { key: 'r2' }));
    withoutFaults(world);
    const versions = { [version]: 'other' } as const;
    expect(detailOf(await resolveIn(world, { decision: 'key', apiKeyId: key, versions }))).toContain('Another attempt');
    expect(world.confluent.live()).toContain(key);
  });
});

describe('a wrong "none" about a key whose secret is in a vault that was silent', () => {
  const elsewhere = { ...SETTINGS, defaultVaultUrl: 'https://other.vault.azure.net' };

  async function wronglyClosed(): Promise<World> {
    const world = await dead(DEAD.storedBlindly);
    world.pass(HOUR);
    loseVault(world);
    expect(resultOf(await resolveIn(world, { decision: 'none', vaultIsGone: true }))).toBe('resolved');
    withoutFaults(world);
    await ticksIn(world, 3, HOUR);
    return world;
  }

  it('lets no attempt store elsewhere, so a revocation finds the key', async () => {
    const world = await wronglyClosed();
    expect(typeOf(await vendIn(world, { settings: elsewhere }))).toBe('request-in-progress');
    for (let run = 0; run < 5 && typeOf(await revokeIn(world)) !== 'revoked'; run++) await ticksIn(world, 1, HOUR);
    expect(typeOf(await revokeIn(world))).toBe('revoked');
    expect(world.confluent.live()).toEqual([]);
    expectInvariants(world);
  });
});
