import { beforeEach, describe, expect, it } from 'vitest';
import {
  AFTER_LEASE,
  currentKeyIn,
  DAY,
  faultsAt,
  HOUR,
  ID,
  rotateIn,
  rowIn,
  SETTINGS,
  withoutFaults,
  withRule,
} from '../world/steps.ts';
import { World } from '../world/world.ts';
import { logged, newestKey, stateOf, tickIn, vended } from './scenes.ts';

const MINUTE = 60_000;
let world: World;
beforeEach(() => {
  world = new World();
});

describe('a rotation that is due', () => {
  const DAILY = withRule({ rotateEvery: 'P10D' });

  it('is asked for at its date, for the attempt that is to be replaced, and a day later again', async () => {
    await vended(world, { settings: DAILY });
    await tickIn(world, 10 * DAY, DAILY);
    expect(world.rotationsAsked).toEqual([]);
    await tickIn(world, 1, DAILY);
    expect(world.rotationsAsked).toMatchObject([
      { credentialId: ID, attempt: 1, notBefore: new Date(world.now), replaces: currentKeyIn(world) },
    ]);
    await tickIn(world, DAY, DAILY);
    expect(world.rotationsAsked).toHaveLength(1);
    await tickIn(world, 1, DAILY);
    expect(world.rotationsAsked).toMatchObject([{ attempt: 1 }, { attempt: 1 }]);
    expect(new Set(world.rotationsAsked.map(({ etag }) => etag)).size).toBe(2);
  });

  it('is asked for with the shortest wait where readers have no secret', async () => {
    await vended(world);
    world.fault = faultsAt({ commit: { 3: 'lost' }, store: { 1: 'crash-after' } });
    await rotateIn(world).catch(() => undefined);
    withoutFaults(world);
    newestKey(world).live = false;
    await tickIn(world, 3 * AFTER_LEASE);
    expect(rowIn(world).failure).toMatchObject({ forRotation: true, urgent: true });
    expect(world.rotationsAsked).toHaveLength(1);
    await tickIn(world, 15 * MINUTE + 1);
    expect(world.rotationsAsked).toHaveLength(2);
  });

  it.each<[string, typeof SETTINGS]>([
    ['is gone', { ...SETTINGS, policy: { rules: [] } }],
    ['has another name', withRule({ name: 'other', rotateEvery: 'P10D' })],
    ['gives another vault', withRule({ vaultUrl: 'https://other.vault.azure.net', rotateEvery: 'P10D' })],
    ['is for others now', withRule({ callers: { queues: ['other'] }, rotateEvery: 'P10D' })],
  ])('is shown to operators where the rule %s, and the expiry still revokes', async (_, today) => {
    const settings = withRule({ rotateEvery: 'P10D', revokeAtExpiry: true });
    await vended(world, { request: { validFor: 'P365D' }, settings });
    await tickIn(world, 10 * DAY + 1, today);
    expect(world.rotationsAsked).toEqual([]);
    expect(world.ledger.all('open')).toMatchObject([{ id: ID, reason: 'rotation-suspended' }]);
    expect(logged(world)).toContain('rotation-suspended');
    await tickIn(world, 356 * DAY, today);
    await tickIn(world, MINUTE, today);
    expect(stateOf(world)).toBe('revoked');
    expect(world.ledger.all('open')).toEqual([]);
  });

  it('goes on, and is shown no more, once the rule is back', async () => {
    await vended(world, { settings: DAILY });
    await tickIn(world, 10 * DAY + 1, { ...SETTINGS, policy: { rules: [] } });
    await tickIn(world, DAY + 1, DAILY);
    expect(world.rotationsAsked).toHaveLength(1);
    expect(world.ledger.all('open')).toEqual([]);
  });

  it('that the bus does not take is asked for again in a minute, and the others of the run are not tried', async () => {
    for (const key of ['a', 'b', 'c']) await vended(world, { key: { kind: 'key', key }, settings: DAILY });
    world.fault = (call) => (call === 'requestRotation' ? 'lost' : undefined);
    await tickIn(world, 10 * DAY + 1, DAILY);
    expect(world.calls.filter((call) => call === 'requestRotation').length).toBeLessThanOrEqual(2);
    withoutFaults(world);
    await tickIn(world, MINUTE + 1, DAILY);
    expect(world.rotationsAsked).toHaveLength(3);
  });

  it('that the bus does not take is asked for in a minute, although a sweep has been undecided for a day', async () => {
    const often = withRule({ rotateEvery: 'P2D' });
    await vended(world, { settings: often });
    world.vault.refuseStores = 'transient';
    await rotateIn(world, { settings: often });
    world.vault.refuseStores = undefined;
    world.fault = (call) => (call === 'listVersions' ? 'lost' : undefined);
    for (let runs = 0; runs < 24; runs++) await tickIn(world, HOUR, often);
    world.fault = (call) => (call === 'listVersions' || call === 'requestRotation' ? 'lost' : undefined);
    world.now = rowIn(world).current?.rotateAt ?? 0;
    await tickIn(world, HOUR, often);
    expect(rowIn(world)).toHaveProperty('retry');
    world.fault = (call) => (call === 'listVersions' ? 'lost' : undefined);
    await tickIn(world, MINUTE + 1, often);
    expect(world.rotationsAsked).toHaveLength(1);
  });

  it('comes five a second, 250 in one run', async () => {
    for (let key = 0; key < 260; key++) await vended(world, { key: { kind: 'key', key: `${key}` }, settings: DAILY });
    await tickIn(world, 10 * DAY + 1, DAILY);
    const begins = world.rotationsAsked.map(({ notBefore }) => notBefore.getTime() - world.now);
    expect(begins).toEqual(Array.from({ length: 250 }, (_, n) => n * 200));
    await tickIn(world, MINUTE + 1, DAILY);
    expect(new Set(world.rotationsAsked.map(({ credentialId }) => credentialId)).size).toBe(260);
  });
});
