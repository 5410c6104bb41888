import { describe, expect, it } from 'vitest';
import { ABSENCE_PROVES_MS } from '../../../src/vending/model/timings.ts';
import { HOUR, ID, revokeIn, rowIn, tick } from '../world/steps.ts';
import type { World } from '../world/world.ts';
import { DEAD, dead, deadInRotation, newestKey, newestVersion, stateOf } from './scenes.ts';

const age = (world: World): void => world.pass(ABSENCE_PROVES_MS);

/** Tags as the attempt of the dead worker writes them. */
function tagsOf(world: World): Record<string, string> {
  const { work } = rowIn(world);
  if (work === undefined) throw new Error('There is no attempt.');
  const key = newestKey(world).record.id;
  return { 'vend-id': ID, 'vend-attempt': `${work.attempt}`, 'vend-nonce': work.nonce, 'vend-key': key };
}

const upstreamIn = (world: World): object | undefined =>
  world.logs.find(({ event }) => event === 'review-undecided')?.upstream;

describe('the key of a dead worker is not made current', () => {
  it('by a version with the tags of another attempt', async () => {
    const world = await dead(DEAD.minted);
    const { vaultUrl, secretName: name } = rowIn(world);
    world.vault.add(world, { vaultUrl, name, tags: { ...tagsOf(world), 'vend-attempt': '9' } });
    age(world);
    await tick(world);
    expect([stateOf(world), world.confluent.live()]).toEqual(['failed', []]);
  });

  it('by the version of the current key, onto which somebody copied its tags', async () => {
    const world = await deadInRotation(DEAD.minted);
    const { current } = rowIn(world);
    newestVersion(world).tags = tagsOf(world);
    age(world);
    await tick(world);
    expect(rowIn(world).current).toEqual(current);
    expect(world.confluent.live()).toEqual([current?.key.id]);
  });

  it.each<[string, (marker: string) => string]>([
    ['of somebody else', () => 'of somebody else'],
    ['of another credential', (marker) => marker.replace(ID, 'z'.repeat(26))],
    ['of another attempt', (marker) => marker.replace(`${ID}.1.`, `${ID}.9.`)],
  ])('where Confluent shows it as %s', async (_, describeKey) => {
    const world = await dead(DEAD.stored);
    const { record } = newestKey(world);
    record.spec.description = describeKey(record.spec.description ?? '');
    await tick(world);
    age(world);
    await tick(world);
    expect(rowIn(world)).not.toHaveProperty('current');
  });
});

describe('an attempt whose worker died', () => {
  it('loses its key at the moment from which no clock lets its worker store it', async () => {
    const world = await dead(DEAD.minted);
    world.pass(ABSENCE_PROVES_MS - 2);
    await tick(world);
    expect(stateOf(world)).toBe('minted');
    const later = await dead(DEAD.minted);
    later.pass(ABSENCE_PROVES_MS - 1);
    await tick(later);
    expect(rowIn(later).failure?.problem.detail).toContain('The worker on this attempt died');
  });

  it('stays undecided beside a version that nobody signed, however old it is: readers may have its secret', async () => {
    const world = await dead(DEAD.stored);
    newestVersion(world).tags = {};
    world.pass(HOUR);
    await tick(world);
    expect([stateOf(world), world.confluent.live().length]).toEqual(['minted', 1]);
  });

  it('whose key is young waits, and the log has what Confluent answered', async () => {
    const world = await dead(DEAD.minted);
    await tick(world);
    expect(upstreamIn(world)).toMatchObject({ service: 'arm' });
  });
});

describe('an attempt whose worker died while the credential was revoked', () => {
  it('waits for a secret that may land, until that cannot be', async () => {
    const world = await dead(DEAD.minted);
    await revokeIn(world);
    await tick(world);
    expect(stateOf(world)).toBe('minted');
    world.pass(HOUR);
    await tick(world);
    expect(world.confluent.live()).toEqual([]);
  });

  it('does not wait where the secret has landed: its row names the version', async () => {
    const world = await dead(DEAD.stored);
    await revokeIn(world);
    world.fault = (call) => (call === 'deleteKey' ? 'lost' : undefined);
    await tick(world);
    const { version } = newestVersion(world);
    expect(rowIn(world).work).toMatchObject({ phase: 'compensating', secret: { version } });
  });
});
