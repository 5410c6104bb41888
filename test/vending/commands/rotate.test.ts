import { beforeEach, describe, expect, it } from 'vitest';
import { expectInvariants, expectReadable } from '../world/invariants.ts';
import {
  currentKeyIn,
  DAY,
  faultsAt,
  HOUR,
  ID,
  revokeIn,
  rotateIn,
  rowIn,
  tick,
  typeOf,
  vendIn,
  withRule,
} from '../world/steps.ts';
import { World } from '../world/world.ts';

let world: World;
let old: string;
beforeEach(async () => {
  world = new World();
  await vendIn(world);
  old = currentKeyIn(world);
});

async function rotated(options: Parameters<typeof rotateIn>[1] = {}): Promise<string> {
  expect(typeOf(await rotateIn(world, options))).toBe('vended');
  return currentKeyIn(world);
}

async function afterOverlap(): Promise<void> {
  world.pass(25 * HOUR + 1);
  await tick(world);
}

describe('a rotation', () => {
  it('puts another key into a new version of the same secret, under the same id', async () => {
    const { secretName } = rowIn(world);
    const next = await rotated();
    expect(next).not.toBe(old);
    expect(world.vault.readable()).toEqual([next]);
    expect(world.confluent.live()).toEqual([old, next]);
    expect(rowIn(world)).toMatchObject({ id: ID, secretName, attempts: 2, previous: { keyId: old } });
    expect(world.vault.versions.map(({ name }) => name)).toEqual([secretName, secretName]);
  });

  it('keeps the old key for the overlap, then revokes it', async () => {
    const next = await rotated();
    world.pass(25 * HOUR - 60_000);
    await tick(world);
    expect(world.confluent.live()).toContain(old);
    world.pass(60_001);
    await tick(world);
    expect(world.confluent.live()).toEqual([next]);
    expect(world.vault.versions.map(({ enabled }) => enabled)).toEqual([false, true]);
    expectReadable(world);
    expectInvariants(world);
  });

  it('asked for twice at once mints one key', async () => {
    const outcomes = await Promise.all([rotateIn(world), rotateIn(world)]);
    expect(outcomes.map(typeOf).toSorted()).toEqual(['request-in-progress', 'vended']);
    expect(world.confluent.posts).toHaveLength(2);
  });

  it('under two keys at once mints one key', async () => {
    const outcomes = await Promise.all([rotateIn(world, { key: 'r1' }), rotateIn(world, { key: 'r2' })]);
    expect(outcomes.map(typeOf)).toContain('vended');
    expect(world.confluent.posts).toHaveLength(2);
  });

  it('answers the original request with its key, however many follow', async () => {
    for (const key of ['r1', 'r2', 'r3']) {
      await rotated({ key });
      await afterOverlap();
    }
    const replayed = await vendIn(world);
    expect(replayed).toMatchObject({ replayed: true, credential: { current: { key: { id: currentKeyIn(world) } } } });
    expect(world.confluent.live()).toHaveLength(1);
  });

  it('gives the new secret as long a life as the old one had, from now', async () => {
    world = new World();
    await vendIn(world, { request: { validFor: 'P60D' } });
    world.pass(40 * DAY);
    await rotated();
    expect(rowIn(world).current?.expiresOn).toBe(world.now + 60 * DAY);
  });

  it('gives the new secret as long a life as policy allows today, where none was asked for', async () => {
    await rotated({ settings: withRule({ maxValidFor: 'P30D' }) });
    expect(rowIn(world).current?.expiresOn).toBe(world.now + 30 * DAY);
  });

  it('has an overlap that never outlasts the expiry of the old secret', async () => {
    world = new World();
    await vendIn(world, { request: { validFor: 'P60D' } });
    world.pass(60 * DAY - HOUR);
    await rotated({ overlapMs: 48 * HOUR });
    expect(rowIn(world).previous?.revokeAt).toBe(world.now + HOUR);
  });
});

describe('a rotation that is asked for again', () => {
  it('is a replay, with the key that it made', async () => {
    const made = await rotated();
    const again = await rotateIn(world);
    expect(again).toMatchObject({ kind: 'vended', replayed: true, rotation: { status: 'vended', apiKeyId: made } });
    expect(world.confluent.posts).toHaveLength(2);
  });

  it('after later rotations still is, with the credential as it is now', async () => {
    const made = await rotated({ key: 'r1' });
    await afterOverlap();
    const latest = await rotated({ key: 'r2' });
    for (let repeats = 0; repeats < 2; repeats++) {
      const again = await rotateIn(world, { key: 'r1' });
      expect(again).toMatchObject({ replayed: true, rotation: { apiKeyId: made } });
      expect(again).toMatchObject({ credential: { current: { key: { id: latest } } } });
      await afterOverlap();
    }
    expect(world.confluent.posts).toHaveLength(3);
  });

  it('with other terms is refused', async () => {
    await rotated();
    expect(typeOf(await rotateIn(world, { overlapMs: 48 * HOUR }))).toBe('idempotency-key-reused');
  });

  it('after the credential was revoked says so', async () => {
    await rotated();
    await revokeIn(world);
    expect(typeOf(await rotateIn(world))).toBe('revoked');
  });

  it('is a replay while the vault takes no writes', async () => {
    await rotated();
    await afterOverlap();
    world.pass(61_000);
    world.vault.isWritable = false;
    expect(await rotateIn(world)).toMatchObject({ replayed: true });
    expect(typeOf(await rotateIn(world, { key: 'r2' }))).toBe('vault-unavailable');
  });

  it('is no replay where the ledger does not say what became of it', async () => {
    await rotated();
    world.fault = faultsAt({ read: { 2: 'lost' } });
    expect(typeOf(await rotateIn(world))).toBe('ledger-unavailable');
  });
});
