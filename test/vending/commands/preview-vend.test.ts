import { beforeEach, describe, expect, it } from 'vitest';
import { faultsAt, heldAt, ID, revokeIn, rotateIn, SETTINGS, typeOf, vendIn, withoutFaults } from '../world/steps.ts';
import { VAULT, World } from '../world/world.ts';

import { effectOf, vendTrial } from './trials.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

describe('a vend that is tried out', () => {
  it('says that a key would be minted, and where its secret would go', async () => {
    expect(await vendTrial(world, { validFor: 'P30D' })).toMatchObject({
      preview: {
        operation: 'vend',
        effect: 'mint',
        id: ID,
        rule: 'orders',
        secret: { vaultUrl: VAULT },
        expiresOn: '2026-01-31T00:00:00.000Z',
      },
    });
  });

  it('says that there is one, for a request that vended or was rotated', async () => {
    await vendIn(world);
    expect(effectOf(await vendTrial(world))).toBe('replay');
    await rotateIn(world);
    expect(effectOf(await vendTrial(world))).toBe('replay');
  });

  async function vendWith(script: Parameters<typeof faultsAt>[0]): Promise<void> {
    world.fault = faultsAt(script);
    await vendIn(world);
    withoutFaults(world);
  }

  it.each<[string, () => Promise<unknown>, string]>([
    ['was revoked', () => vendIn(world).then(() => revokeIn(world)), 'revoked'],
    ['is unknown', () => vendWith({ mint: { 1: 'unanswered' } }), 'outcome-unknown'],
    ['is being worked on', () => heldAt(world, 'store', 1, () => vendIn(world)), 'request-in-progress'],
    [
      'has a key to be deleted',
      () => vendWith({ store: { 1: 'refused' }, deleteKey: { 1: 'lost' } }),
      'request-in-progress',
    ],
    ['was throttled', () => vendWith({ mint: { 1: 'refused' } }), 'upstream-throttled'],
    ['failed and may be tried again', () => vendWith({ store: { 1: 'refused' } }), 'mint'],
  ])('says of a request that %s what it would be answered', async (_, prepare, effect) => {
    await prepare();
    world.turn = async () => undefined;
    expect(effectOf(await vendTrial(world))).toBe(effect);
  });

  it('is refused like the vend itself', async () => {
    expect(effectOf(await vendTrial(world, {}, { ...SETTINGS, policy: { rules: [] } }))).toBe('forbidden');
    expect(effectOf(await vendTrial(world, {}, { ...SETTINGS, targetDefaults: {} }))).toBe('invalid-request');
    expect(effectOf(await vendTrial(world, {}, { ...SETTINGS, mode: 'paused' }))).toBe('paused');
    expect(effectOf(await vendTrial(world, { secretName: 'elsewhere' }))).toBe('invalid-request');
    world.vault.add(world, { vaultUrl: VAULT, name: 'orders-taken' });
    expect(effectOf(await vendTrial(world, { secretName: 'orders-taken' }))).toBe('secret-name-taken');
    await vendIn(world);
    expect(effectOf(await vendTrial(world, { name: 'another' }))).toBe('idempotency-key-reused');
    world.fault = () => 'lost';
    expect(effectOf(await vendTrial(world))).toBe('ledger-unavailable');
  });

  it('is refused for a chosen name that another credential holds', async () => {
    await vendIn(world, { key: { kind: 'key', key: 'another' }, request: { secretName: 'orders-main' } });
    world.vault.versions = [];
    const real = async () => typeOf(await vendIn(world, { request: { secretName: 'orders-main' } }));
    expect([effectOf(await vendTrial(world, { secretName: 'orders-main' })), await real()]).toEqual([
      'secret-name-taken',
      'secret-name-taken',
    ]);
  });
});

it('a trial with a derived name looks up nothing but its own row', async () => {
  const world = new World();
  await vendTrial(world);
  expect(world.calls).toEqual(['read']);
});
