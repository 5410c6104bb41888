import { describe, expect, it } from 'vitest';
import { expectInvariants } from '../world/invariants.ts';
import { currentKeyIn, faultsAt, orCrash, rotateIn, rowIn, withoutFaults } from '../world/steps.ts';
import type { World } from '../world/world.ts';
import { detailOf, lastKeyIn, resolveIn, resultOf, unansweredWorld } from './resolve-scenes.ts';

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
    expect(resultOf(await resolveIn(world, { decision: 'key', apiKeyId: key, versions }))).toBe('not-resolvable');
    expect(world.confluent.live()).toContain(key);
  });
});
