import { beforeEach, describe, expect, it } from 'vitest';
import type { Authority } from '../../../src/vending/model/caller.ts';
import { expectReadable } from '../world/invariants.ts';
import {
  currentKeyIn,
  DAY,
  failing,
  HOUR,
  OPERATOR,
  OWN,
  rotateIn,
  rowIn,
  SETTINGS,
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

describe('a rotation is refused', () => {
  it('while the key before the old one still lives: two at most', async () => {
    await rotated();
    expect(await rotateIn(world, { key: 'r2' })).toMatchObject({
      problem: { type: 'rotation-too-soon', retryAfterMs: 25 * HOUR },
    });
    world.pass(25 * HOUR - 1);
    expect(await rotateIn(world, { key: 'r2' }), 'a minute at least').toMatchObject({
      problem: { type: 'rotation-too-soon', retryAfterMs: 60_000 },
    });
    await afterOverlap();
    await rotated({ key: 'r2' });
    expect(world.confluent.live()).toHaveLength(2);
  });

  it('where the key that it replaces is no longer current, with the one that is', async () => {
    const next = await rotated({ replaces: old });
    await afterOverlap();
    const refused = await rotateIn(world, { key: 'r2', replaces: old });
    expect(refused).toMatchObject({ problem: { type: 'already-rotated', detail: expect.stringContaining(next) } });
    expect(await rotateIn(world, { replaces: old }), 'its own repeat').toMatchObject({ replayed: true });
    expect(world.confluent.posts).toHaveLength(2);
  });

  it('to strangers: to them the credential does not exist', async () => {
    const authority: Authority = { kind: 'caller', caller: { id: 'queue:other', roles: [] } };
    expect(typeOf(await rotateIn(world, { authority }))).toBe('not-found');
    expect(typeOf(await rotateIn(world, { id: 'a'.repeat(26) }))).toBe('not-found');
  });

  it.each<[string, typeof SETTINGS, RegExp]>([
    ['the rule is gone', { ...SETTINGS, policy: { rules: [] } }, /no longer grants/],
    ['the rule covers its target no more', withRule({ clusters: ['lkc-9'] }), /no longer grants/],
    ['the vault is another one', withRule({ vaultUrl: 'https://elsewhere.vault.azure.net' }), /vend a new one/],
  ])('where %s, in words that say so', async (_, settings, detail) => {
    for (const authority of [OWN, OPERATOR])
      expect(await rotateIn(world, { settings, authority })).toMatchObject({
        problem: { type: 'forbidden', detail: expect.stringMatching(detail) },
      });
    expect(world.confluent.posts).toHaveLength(1);
  });

  it('where its chosen name is outside the prefix of today', async () => {
    world = new World();
    await vendIn(world, { request: { secretName: 'orders-main' } });
    expect(typeOf(await rotateIn(world, { settings: withRule({ secretNamePrefix: 'other-' }) }))).toBe('forbidden');
  });

  it('to its caller who could not have a new key either', async () => {
    const settings = withRule({ callers: { queues: ['elsewhere'], roles: ['Keys'] } });
    const holder: Authority = { kind: 'caller', caller: { id: 'queue:orders', roles: ['Keys'] } };
    expect(typeOf(await rotateIn(world, { settings }))).toBe('forbidden');
    expect(typeOf(await rotateIn(world, { settings, authority: holder }))).toBe('vended');
  });

  it('while the service is paused', async () => {
    expect(typeOf(await rotateIn(world, { settings: { ...SETTINGS, mode: 'paused' } }))).toBe('paused');
  });

  it('where there is no key', async () => {
    world = failing('mint', 'refused');
    await vendIn(world);
    expect(typeOf(await rotateIn(world))).toBe('not-rotatable');
  });

  it('where the new secret would expire after 2038-01-19', async () => {
    world = new World();
    await vendIn(world, { request: { validFor: 'P3650D' } });
    world.pass(3 * 365 * DAY);
    expect(typeOf(await rotateIn(world))).toBe('not-rotatable');
  });
});

describe('the overlap that is asked for', () => {
  const shortened = { problem: { type: 'invalid-request', errors: [{ pointer: '/overlap' }] } };

  it('is a day at least, unless the rule allows less', async () => {
    expect(await rotateIn(world, { overlapMs: 24 * HOUR - 1 })).toMatchObject(shortened);
    await rotated({ overlapMs: HOUR, settings: withRule({ allowShortOverlap: true }) });
    expect(rowIn(world).previous?.revokeAt).toBe(world.now + HOUR);
  });

  it('is no longer than policy allows, and ends before the next rotation', async () => {
    expect(await rotateIn(world, { overlapMs: 31 * DAY })).toMatchObject(shortened);
    const settings = withRule({ rotateEvery: 'P20D' });
    expect(await rotateIn(world, { overlapMs: 20 * DAY, settings })).toMatchObject(shortened);
    await rotated({ overlapMs: 20 * DAY - 1, settings });
    world = new World();
    await vendIn(world);
    await rotated({ overlapMs: 30 * DAY });
  });

  it('may be none for operators, who have to end a leak', async () => {
    expect(await rotateIn(world, { overlapMs: 0 })).toMatchObject(shortened);
    const next = await rotated({ overlapMs: 0, authority: OPERATOR });
    await tick(world);
    world.pass(1);
    await tick(world);
    expect(world.confluent.live()).toEqual([next]);
    expectReadable(world);
  });
});

describe('an overlap', () => {
  const settings = withRule({ maxValidFor: 'P30D', revokeAtExpiry: true });

  it.each([
    ['P15D', 15 * DAY, 'invalid-request'],
    ['a day less', 14 * DAY, 'vended'],
  ] as const)(
    'of %s is as long as the time to the next rotation allows, where the secret expires after 30 days',
    async (_, overlapMs, outcome) => {
      const world = new World();
      await vendIn(world, { settings });
      await world.settled();
      world.pass(HOUR);
      const rotated = await rotateIn(world, { overlapMs, settings });
      expect(typeOf(rotated)).toBe(outcome);
      if (outcome !== 'vended') expect(rotated).toMatchObject({ problem: { errors: [{ pointer: '/overlap' }] } });
    },
  );

  it('by default ends in time for the next rotation, and leaves the replaced key its day', async () => {
    const short = withRule({ maxValidFor: 'P2D' });
    const world = new World();
    await vendIn(world, { settings: short });
    await world.settled();
    await rotateIn(world, { settings: short });
    expect(rowIn(world).previous?.revokeAt).toBe(world.now + DAY);
    expect(rowIn(world).current?.rotateAt).toBe(world.now + DAY);
    world.pass(DAY + 1);
    await tick(world, short);
    await rotateIn(world, { key: 'r2', settings: short });
    expect(rowIn(world).previous?.revokeAt).toBe(world.now + DAY - 1);
  });
});
