import { beforeEach, describe, expect, it } from 'vitest';
import { expectInvariants, expectReadable } from '../world/invariants.ts';
import type { Call, Fault } from '../world/network.ts';
import {
  credentialOf,
  currentKeyIn,
  endOverlapIn,
  faultsAt,
  HOUR,
  ID,
  OPERATOR,
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
  await rotateIn(world);
});

describe('the end of an overlap', () => {
  it('revokes the previous key now; the current one stays what readers get', async () => {
    const credential = credentialOf(await endOverlapIn(world, old));
    expect(credential.previous).toBeUndefined();
    expect(world.confluent.live()).toEqual([currentKeyIn(world)]);
    expectReadable(world);
    expectInvariants(world);
  });

  it('asked for again is answered alike, and ends no other overlap', async () => {
    await endOverlapIn(world, old);
    const second = currentKeyIn(world);
    await rotateIn(world, { key: 'r2' });
    expect(typeOf(await endOverlapIn(world, old))).toBe('overlap-ended');
    expect(world.confluent.live()).toContain(second);
  });

  it('of the current key, or of a key that is not this credential’s, is refused', async () => {
    expect(typeOf(await endOverlapIn(world, currentKeyIn(world)))).toBe('no-overlap');
    expect(typeOf(await endOverlapIn(world, 'KEY0'))).toBe('no-overlap');
    await vendIn(world, { key: { kind: 'key', key: 'another' } });
    const [, , other = ''] = world.confluent.live();
    expect(typeOf(await endOverlapIn(world, other))).toBe('no-overlap');
    expect(world.confluent.live()).toHaveLength(3);
  });

  it('by a stranger finds nothing; an operator needs no ownership', async () => {
    const stranger = { kind: 'caller', caller: { id: 'queue:other', roles: [] } } as const;
    expect(typeOf(await endOverlapIn(world, old, ID, stranger))).toBe('not-found');
    expect(typeOf(await endOverlapIn(world, old, ID, OPERATOR))).toBe('overlap-ended');
  });

  it('lets the next rotation begin', async () => {
    await endOverlapIn(world, old);
    expect(typeOf(await rotateIn(world, { key: 'r2' }))).toBe('vended');
  });

  it.each<[Call, Fault, number]>([
    ['commit', 'crash-after', 1],
    ['disableVersion', 'crash-after', 1],
    ['deleteKey', 'crash-before', 1],
    ['deleteKey', 'crash-after', 1],
    ['deleteKey', 'lost', 1],
    ['commit', 'crash-before', 2],
    ['commit', 'late', 2],
  ])('that is cut short at %s, %s (%i.), is finished by the reconciler', async (call, fault, nth) => {
    world.fault = faultsAt({ [call]: { [nth]: fault } });
    await orCrash(() => endOverlapIn(world, old));
    withoutFaults(world);
    for (let ticks = 0; ticks < 3; ticks++) {
      world.pass(300_000);
      await tick(world);
    }
    expect(world.confluent.live()).toEqual([currentKeyIn(world)]);
    expect(rowIn(world).previous).toBeUndefined();
    expectInvariants(world);
  });

  it('that could not be recorded says so, and the overlap goes on', async () => {
    world.fault = (call) => (call === 'commit' ? 'lost' : undefined);
    expect(typeOf(await endOverlapIn(world, old))).toBe('ledger-unavailable');
    expect(world.confluent.live()).toContain(old);
    withoutFaults(world);
    world.pass(25 * HOUR + 1);
    await tick(world);
    expect(world.confluent.live()).not.toContain(old);
  });

  it('is not moved later by asking for it when it is over', async () => {
    const { previous } = rowIn(world);
    world.confluent.isLocked = true;
    world.pass(26 * HOUR);
    await endOverlapIn(world, old);
    expect(rowIn(world).previous?.revokeAt).toBe(previous?.revokeAt);
  });
});
