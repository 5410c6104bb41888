import { beforeEach, describe, expect, it } from 'vitest';
import { expectInvariants, expectReadable } from '../world/invariants.ts';
import {
  AFTER_LEASE,
  currentKeyIn,
  faultsAt,
  ID,
  orCrash,
  rotateIn,
  rowIn,
  tick,
  typeOf,
  vendIn,
  withoutFaults,
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

describe('a rotation that fails', () => {
  it('leaves the old key and its secret, and may be asked for again under the same key', async () => {
    world.fault = faultsAt({ store: { 1: 'refused' } });
    expect(typeOf(await rotateIn(world))).toBe('vault-unavailable');
    expect(world.confluent.live()).toEqual([old]);
    expectReadable(world);
    expect(world.ledger.keys('rotation')).toEqual([]);
    await rotated();
    expect(rowIn(world).attempts).toBe(3);
    expectInvariants(world);
  });

  it.each(['r1', 'r2'])('and left its key to be deleted is followed by %s, which deletes it first', async (key) => {
    world.vault.refuseStores = 'transient';
    world.fault = (call) => (call === 'deleteKey' ? 'lost' : undefined);
    await rotateIn(world);
    expect(typeOf(await rotateIn(world, { key }))).toBe('request-in-progress');
    withoutFaults(world);
    world.vault.refuseStores = undefined;
    const next = await rotated({ key });
    expect(world.confluent.live()).toEqual([old, next]);
  });

  it('for want of quota says so', async () => {
    world.confluent.mintAs = () => {
      world.confluent.keys.pop();
      return { kind: 'refused', reason: 'quota-exhausted', upstream: { service: 'arm', status: 402 } };
    };
    expect(typeOf(await rotateIn(world))).toBe('quota-exhausted');
    expect(await vendIn(world)).toMatchObject({ replayed: true, credential: { current: { key: { id: old } } } });
  });

  it('ambiguously is for an operator to look at, and sends no second POST', async () => {
    world.fault = faultsAt({ mint: { 1: 'unanswered' } });
    const outcomes = [await rotateIn(world), await rotateIn(world), await rotateIn(world, { key: 'r2' })];
    expect(outcomes.map(typeOf)).toEqual(Array(3).fill('outcome-unknown'));
    expect(world.confluent.posts).toHaveLength(2);
    expect(await vendIn(world)).toMatchObject({ replayed: true });
  });

  it.each(['lost', 'late', 'refused'] as const)('at its claim (%s) changes nothing', async (fault) => {
    world.fault = faultsAt({ commit: { 1: fault } });
    expect(typeOf(await rotateIn(world))).toBe('ledger-unavailable');
    expect(world.confluent.posts).toHaveLength(1);
    expectReadable(world);
  });

  it('after its store, in a process that died, is vended by the reconciler', async () => {
    world.fault = faultsAt({ store: { 1: 'crash-after' } });
    await orCrash(() => rotateIn(world));
    withoutFaults(world);
    expect(typeOf(await rotateIn(world))).toBe('request-in-progress');
    world.pass(AFTER_LEASE);
    await tick(world);
    expect(rowIn(world)).toMatchObject({ previous: { keyId: old }, current: { attempt: 2 } });
    expect(await rotateIn(world)).toMatchObject({ replayed: true, rotation: { apiKeyId: currentKeyIn(world) } });
    expectReadable(world);
  });

  it('because a stranger deleted its key after the store is asked for again at once: readers have no secret', async () => {
    world.fault = faultsAt({ store: { 1: 'crash-after' } });
    await orCrash(() => rotateIn(world));
    withoutFaults(world);
    const stolen = world.confluent.keys.at(-1);
    if (stolen !== undefined) stolen.live = false;
    world.pass(AFTER_LEASE);
    await tick(world);
    world.pass(240_000);
    await tick(world);
    expect(rowIn(world)).toMatchObject({ failure: { forRotation: true, urgent: true } });
    world.pass(60_000);
    await tick(world);
    expect(world.rotationsAsked).toMatchObject([{ credentialId: ID, attempt: 1 }]);
    await rotated();
    expect(rowIn(world).failure).toBeUndefined();
    expectReadable(world);
  });
});
