import { describe, expect, it } from 'vitest';
import { ABSENCE_PROVES_MS } from '../../../src/vending/model/timings.ts';
import { DEAD, dead, newestVersion } from '../review/scenes.ts';
import { currentKeyIn, DAY, faultsAt, HOUR, ID, revokeIn, rotateIn, rowIn, withoutFaults } from '../world/steps.ts';
import { DEFAULT_TIMINGS } from '../world/timings.ts';
import type { World } from '../world/world.ts';
import {
  detailOf,
  failAll,
  lastKeyIn,
  loseVault,
  resolveIn,
  resultOf,
  storedBlindlyWorld,
  unansweredWorld,
  vendedWorld,
} from './resolve-scenes.ts';

const sayKey = (world: World, apiKeyId: string) => resolveIn(world, { decision: 'key', apiKeyId });

/** Tags as the attempt under way writes them. */
function tagsOf(world: World, keyId: string): Record<string, string> {
  const { work } = rowIn(world);
  if (work === undefined) throw new Error('There is no attempt.');
  return { 'vend-id': ID, 'vend-attempt': `${work.attempt}`, 'vend-nonce': work.nonce, 'vend-key': keyId };
}

describe('a version with the tags of an attempt does not make an operator’s key the current one', () => {
  it('where it is the version of the current key: somebody copied them', async () => {
    const world = await unansweredWorld();
    const key = lastKeyIn(world);
    newestVersion(world).tags = tagsOf(world, key);
    expect(resultOf(await sayKey(world, key))).toBe('resolved');
    expect(world.confluent.live()).toEqual([currentKeyIn(world)]);
    expect(world.vault.readableValues()).toHaveLength(1);
  });

  it('where it is disabled: readers do not get it', async () => {
    const world = await storedBlindlyWorld();
    const key = lastKeyIn(world);
    newestVersion(world).enabled = false;
    expect(resultOf(await sayKey(world, key))).toBe('resolved');
    expect(world.confluent.live()).toEqual([currentKeyIn(world)]);
  });

  it.each<[string, (tags: Record<string, string>) => string]>([
    ['has no marker', () => 'of another team'],
    ['is of another credential', (tags) => `vend:${'z'.repeat(26)}.${tags['vend-attempt']}.${tags['vend-nonce']}`],
    ['is of another attempt', () => `vend:${ID}.9.aaaaaa`],
  ])('where the living key that they name %s', async (_, describeKey) => {
    const world = await unansweredWorld();
    const key = lastKeyIn(world);
    const tags = tagsOf(world, '');
    const named = world.confluent.add(world, describeKey(tags));
    world.vault.add(world, { ...newestVersion(world), tags: { ...tags, 'vend-key': named } });
    expect(resultOf(await sayKey(world, key))).toBe('resolved');
    expect(world.confluent.live()).not.toContain(key);
    expect(world.confluent.live()).toContain(named);
  });
});

describe('a key whose marker is of another credential', () => {
  const foreign = (world: World): string => world.confluent.add(world, `vend:${'z'.repeat(26)}.1.aaaaaa`);

  it.each([vendedWorld, unansweredWorld])('is refused with and without an attempt under way', async (scene) => {
    const world = await scene();
    const said = await sayKey(world, foreign(world));
    expect([resultOf(said), detailOf(said)]).toEqual(['not-resolvable', expect.stringContaining('marker')]);
    expect(world.confluent.deleted).toEqual([]);
  });
});

it('the current key is refused as a key that the row names already', async () => {
  const world = await vendedWorld();
  expect(detailOf(await sayKey(world, currentKeyIn(world)))).toContain('names this key already');
});

it('a key that is gone, and that only the row names, is given up', async () => {
  const world = await dead(DEAD.minted);
  world.pass(ABSENCE_PROVES_MS);
  for (const key of world.confluent.keys) key.live = false;
  expect(resultOf(await sayKey(world, lastKeyIn(world)))).toBe('resolved');
  expect(rowIn(world)).not.toHaveProperty('work');
});

it('a key is taken up as soon as its attempt cannot be under way, and the refusal before says when', async () => {
  const world = await vendedWorld();
  world.fault = faultsAt({ mint: { 1: 'unanswered' } });
  await rotateIn(world);
  withoutFaults(world);
  const retryAfterMs = DEFAULT_TIMINGS.leaseMs + DEFAULT_TIMINGS.settleMs + ABSENCE_PROVES_MS;
  expect(await sayKey(world, lastKeyIn(world))).toMatchObject({ problem: { retryAfterMs } });
  world.pass(retryAfterMs - 1);
  expect(await sayKey(world, lastKeyIn(world))).toMatchObject({ problem: { retryAfterMs: 1 } });
  world.pass(1);
  expect(resultOf(await sayKey(world, lastKeyIn(world)))).toBe('resolved');
});

describe('"none"', () => {
  it('is refused where no attempt waits for an operator', async () => {
    const minted = await dead(DEAD.minted);
    minted.pass(HOUR);
    for (const world of [minted, await vendedWorld()])
      expect(detailOf(await resolveIn(world, { decision: 'none' }))).toContain('waits for an operator');
  });

  it('is refused where the operator says that a version holds the secret of the attempt', async () => {
    const world = await storedBlindlyWorld();
    const version = newestVersion(world);
    version.tags = {};
    const said = await resolveIn(world, { decision: 'none', versions: { [version.version]: 'attempt' } });
    expect([resultOf(said), detailOf(said)]).toEqual(['not-resolvable', expect.stringContaining('name its key')]);
  });

  it('is refused with the names of all versions that nobody signed', async () => {
    const world = await unansweredWorld();
    const { vaultUrl, name } = newestVersion(world);
    const older = world.vault.add(world, { vaultUrl, name });
    const newer = world.vault.add(world, { vaultUrl, name });
    const said = await resolveIn(world, { decision: 'none' });
    expect(detailOf(said)).toContain(`: ${newer.version}, ${older.version}.`);
  });
});

describe('a key whose secret readers have, after a wrong "none" while its vault was silent', () => {
  async function wronglyClosed(): Promise<{ readonly world: World; readonly key: string }> {
    const world = await storedBlindlyWorld();
    const key = lastKeyIn(world);
    loseVault(world);
    expect(resultOf(await resolveIn(world, { decision: 'none', vaultIsGone: true }))).toBe('resolved');
    withoutFaults(world);
    return { world, key };
  }

  it('is not deleted before they have another', async () => {
    const { world, key } = await wronglyClosed();
    expect(detailOf(await sayKey(world, key))).toContain('rotate');
    expect(world.confluent.live()).toContain(key);
  });

  it('is deleted with its version where the credential is being revoked', async () => {
    const { world, key } = await wronglyClosed();
    failAll(world, 'lost', 'listVersions', 'deleteKey');
    await revokeIn(world);
    failAll(world, 'lost', 'deleteKey');
    const { version } = newestVersion(world);
    expect(resultOf(await sayKey(world, key))).toBe('resolved');
    expect(rowIn(world).work).toMatchObject({ phase: 'compensating', keyId: key, secret: { version } });
  });

  it.each([
    ['another attempt', { 'vend-attempt': '9' }],
    ['another key', { 'vend-key': 'KEY404' }],
  ])('is deleted where the newest version names %s: it is not the version of this key', async (_, forged) => {
    const { world, key } = await wronglyClosed();
    const version = newestVersion(world);
    version.tags = { ...version.tags, ...forged };
    expect(resultOf(await sayKey(world, key))).toBe('resolved');
    world.pass(DAY);
    expect(world.confluent.live()).toEqual([currentKeyIn(world)]);
  });
});
