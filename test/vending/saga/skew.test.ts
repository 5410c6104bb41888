import { expect, it } from 'vitest';
import { ABSENCE_PROVES_MS, CLOCK_SKEW_MS } from '../../../src/vending/model/timings.ts';
import { expectInvariants, expectReadable } from '../world/invariants.ts';
import { AFTER_LEASE, faultsAt, heldAt, rotateIn, rowIn, tick, typeOf, vendIn } from '../world/steps.ts';
import { DEFAULT_TIMINGS } from '../world/timings.ts';
import { World } from '../world/world.ts';

it('a rotation whose store lands late keeps its key, also from a reconciler whose clock is two minutes ahead', async () => {
  const world = new World();
  await vendIn(world);
  await world.settled();
  world.fault = faultsAt({ store: { 1: 'late' } });
  const goOn = await heldAt(world, 'mint', 1, () => rotateIn(world));
  world.turn = async () => undefined;
  world.pass(80_000);
  expect(typeOf(await goOn())).toBe('not-yet-confirmed');
  world.pass(AFTER_LEASE - CLOCK_SKEW_MS - 80_000);
  world.now += CLOCK_SKEW_MS;
  await tick(world);
  world.now -= CLOCK_SKEW_MS;
  world.pass(DEFAULT_TIMINGS.settleMs);
  expectReadable(world);
  world.pass(ABSENCE_PROVES_MS);
  await tick(world);
  expect(rowIn(world)).toMatchObject({ current: { attempt: 2 } });
  expectInvariants(world);
});
