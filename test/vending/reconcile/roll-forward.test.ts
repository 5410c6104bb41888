import { beforeEach, describe, expect, it } from 'vitest';
import { heed } from '../../../src/vending/events/heed.ts';
import { resolveUnknown } from '../../../src/vending/operate/resolve.ts';
import { reconcile } from '../../../src/vending/reconcile/reconcile.ts';
import type { VendedIntent } from '../../../src/vending/saga/outcome.ts';
import { expectReadable, HOUR, kindIn, liveIn, revokeIn, rotateIn, rotationIn, vendedOf } from '../lifecycle.ts';
import { AFTER_LEASE, faultsAt, heldAt, tick } from '../saga/steps.ts';
import { ask, BOUNDS, orCrash, SETTINGS } from '../saga/vending.ts';
import { World } from '../saga/world.ts';

const DAY = 24 * HOUR;

let world: World;
let old: VendedIntent;
beforeEach(async () => {
  world = new World();
  old = vendedOf(await ask(world, { validFor: 'P60D' }));
});

/** The worker dies after the store, and somebody deletes the new key in Confluent. */
async function losesItsKey(): Promise<void> {
  world.fault = faultsAt({ store: { 1: 'crash-after' } });
  await orCrash(() => rotateIn(world, old.id));
  world.fault = () => undefined;
  for (const key of world.keys) if (key.record.id !== old.state.key.id) key.live = false;
  for (let ticks = 0; ticks < 3; ticks++) {
    world.now += AFTER_LEASE;
    await tick(world);
  }
}

describe('a rotation that was stored and lost its key', () => {
  it('is asked for again, for the reference does not fall back to the old version', async () => {
    await losesItsKey();
    expect(rotationIn(world, old)?.state.kind).toBe('failed');
    expect(world.readable()).toEqual([]);
    expect(world.rotationsAsked).toEqual([old.id]);
    vendedOf(await rotateIn(world, old.id, { authority: { kind: 'service' } }));
    expectReadable(world);
    expect(liveIn(world)).toHaveLength(2);
  });

  it('is asked for until the wish is taken', async () => {
    world.fault = faultsAt({ store: { 1: 'crash-after' } });
    await orCrash(() => rotateIn(world, old.id));
    for (const key of world.keys) if (key.record.id !== old.state.key.id) key.live = false;
    let tries = 0;
    world.fault = (call) => (call === 'requestRotation' && tries++ < 2 ? 'lost' : undefined);
    for (let ticks = 0; ticks < 5; ticks++) {
      world.now += AFTER_LEASE;
      await tick(world);
    }
    expect(world.rotationsAsked).toEqual([old.id]);
    expect(tries).toBe(3);
  });

  it('is asked for every day until it comes, and not forgotten meanwhile: a pause may swallow the wish', async () => {
    await losesItsKey();
    for (let days = 0; days < 40; days++) {
      world.now += DAY + 1;
      await tick(world);
    }
    expect(world.rotationsAsked.length).toBeGreaterThan(38);
    vendedOf(await rotateIn(world, old.id, { authority: { kind: 'service' } }));
    const asked = world.rotationsAsked.length;
    world.now += 2 * DAY;
    await tick(world);
    expect(world.rotationsAsked).toHaveLength(asked);
  });

  it('is asked for still where a later attempt failed before anything was minted', async () => {
    await losesItsKey();
    world.fault = faultsAt({ mint: { 1: 'refused' } });
    await rotateIn(world, old.id, { authority: { kind: 'service' } });
    world.fault = () => undefined;
    const asked = world.rotationsAsked.length;
    world.now += DAY + AFTER_LEASE;
    await tick(world);
    expect(world.rotationsAsked.length).toBeGreaterThan(asked);
  });

  it('is not asked for by the minute while a topic takes nothing', async () => {
    const publish = async () => ({ kind: 'not-published', upstream: { service: 'events' } }) as const;
    world.fault = faultsAt({ store: { 1: 'crash-after' } });
    await orCrash(() => rotateIn(world, old.id));
    world.fault = () => undefined;
    for (const key of world.keys) if (key.record.id !== old.state.key.id) key.live = false;
    for (let minute = 0; minute < 24 * 60; minute++, world.now += 60_000)
      await reconcile({ ...world.ports('reconciler'), events: { publish } }, BOUNDS);
    expect(rotationIn(world, old)).toMatchObject({ state: { kind: 'failed' }, outbox: [expect.anything()] });
    expect(world.rotationsAsked.length).toBeLessThan(4);
  });

  it('is not asked for any more once the key that it was to replace is revoked', async () => {
    await losesItsKey();
    await revokeIn(world, old.id);
    world.now += 2 * DAY;
    await tick(world);
    expect(world.rotationsAsked).toEqual([old.id]);
  });

  it('leaves the old key to be rotated when its own time comes', async () => {
    await losesItsKey();
    world.now += 31 * DAY;
    const event = {
      kind: 'key-vault',
      event: 'near-expiry',
      source: '/v',
      id: 'e',
      vaultUrl: old.vaultUrl,
      secretName: old.secretName,
      version: old.state.secret.version,
    } as const;
    expect(await heed(world.ports(), SETTINGS, event)).toMatchObject({
      kind: 'command',
      command: { operation: 'rotate', requestId: old.id },
    });
  });
});

it('a rotation whose old key is revoked is forgotten in its time, whatever becomes of the vault', async () => {
  world.fault = faultsAt({ store: { 1: 'refused' } });
  await rotateIn(world, old.id);
  world.fault = () => undefined;
  await revokeIn(world, old.id);
  world.now += AFTER_LEASE;
  await tick(world);
  world.fault = (call) => (call === 'lookUpName' || call === 'findVersions' ? 'lost' : undefined);
  for (let hour = 0; hour < 32 * 24; hour++, world.now += HOUR) await tick(world);
  expect(rotationIn(world, old)).toBeUndefined();
});

it('a key that an operator found gone stays named, for its secret was stored', async () => {
  world.fault = faultsAt({ store: { 1: 'crash-after' } });
  await orCrash(() => rotateIn(world, old.id));
  const ports = world.ports('reconciler');
  let looks = 0;
  const getKey: typeof ports.confluent.getKey = async (target, id) =>
    looks++ === 0 ? { kind: 'absent', upstream: { service: 'arm', status: 404 } } : ports.confluent.getKey(target, id);
  world.fault = (call) => (call === 'deleteKey' ? 'refused' : undefined);
  world.now += AFTER_LEASE;
  await reconcile({ ...ports, confluent: { ...ports.confluent, getKey } }, BOUNDS);
  const { id: intentId = '', state } = rotationIn(world, old) ?? {};
  expect(state).toMatchObject({ kind: 'unknown', keyId: expect.any(String) });
  world.fault = () => undefined;
  for (const key of world.keys) if (key.record.id !== old.state.key.id) key.live = false;
  world.now += AFTER_LEASE;
  await resolveUnknown(world.ports('operator:o'), { intentId, apiKeyId: null });
  expect(rotationIn(world, old)).toMatchObject({ state: { kind: 'failed' }, earlierKeys: [expect.any(String)] });
});

it('a rotation that failed before anything was minted is forgotten in its time, whatever becomes of the vault', async () => {
  world.fault = faultsAt({ mint: { 1: 'refused' } });
  await rotateIn(world, old.id);
  world.fault = (call) => (call === 'lookUpName' || call === 'findVersions' ? 'lost' : undefined);
  for (let hour = 0; hour < 32 * 24; hour++, world.now += HOUR) await tick(world);
  expect(rotationIn(world, old)).toBeUndefined();
});

it('a rotation that failed before anything was stored is not asked for again by itself', async () => {
  world.fault = faultsAt({ store: { 1: 'refused' } });
  await rotateIn(world, old.id);
  world.fault = () => undefined;
  world.now += AFTER_LEASE;
  await tick(world);
  expect(rotationIn(world, old)?.state.kind).toBe('failed');
  expect(world.rotationsAsked).toEqual([]);
});

it('a name that a new attempt claims while its failure is forgotten stays claimed', async () => {
  world = new World();
  world.fault = faultsAt({ mint: { 1: 'refused' } });
  await ask(world, { secretName: 'orders-main' });
  world.fault = () => undefined;
  world.now += 31 * DAY;
  const prune = await heldAt(world, 'releaseName', 1, () => tick(world));
  world.turn = async () => undefined;
  const { id } = vendedOf(await ask(world, { secretName: 'orders-main' }));
  await prune();
  expect(kindIn(world, id)).toBe('vended');
  expect([...world.names.values()]).toEqual([id]);
});
