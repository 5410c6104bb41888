import { beforeEach, describe, expect, it } from 'vitest';
import { expectInvariants, expectSettled } from '../world/invariants.ts';
import type { Call, Fault } from '../world/network.ts';
import {
  faultsAt,
  heldAt,
  orCrash,
  revokeIn,
  rotateIn,
  rowIn,
  tick,
  typeOf,
  vendIn,
  withoutFaults,
} from '../world/steps.ts';
import { World } from '../world/world.ts';

let world: World;
beforeEach(async () => {
  world = new World();
  await vendIn(world);
});

/** Where the worker of a rotation stands when the revocation comes. A call that is held has not had its effect, but POST and PUT have. */
const STEPS: readonly (readonly [string, Call, number, string])[] = [
  ['before the claim', 'commit', 1, 'revoked'],
  ['before "minted" is recorded, its POST sent', 'commit', 2, 'ledger-unavailable'],
  ['with its POST under way', 'mint', 1, 'ledger-unavailable'],
  ['with its PUT under way', 'store', 1, 'not-yet-confirmed'],
  ['before "vended" is recorded', 'commit', 3, 'not-yet-confirmed'],
];

async function expectNothingLives(): Promise<void> {
  for (let ticks = 0; ticks < 6; ticks++) {
    world.pass(300_000);
    await tick(world);
    await world.settled();
    expectInvariants(world);
  }
  expect(world.confluent.live()).toEqual([]);
  expect(world.vault.versions.map(({ enabled }) => enabled)).not.toContain(true);
  expect(rowIn(world).closed).toBeDefined();
  expectSettled(world);
  expect(typeOf(await revokeIn(world))).toBe('revoked');
}

describe('a revocation while a rotation stands', () => {
  it.each(STEPS)('%s leaves nothing', async (_, call, nth, answer) => {
    const goOn = await heldAt(world, call, nth, () => rotateIn(world));
    world.turn = async () => undefined;
    const revoked = await revokeIn(world);
    expect(['revoked', 'revoking']).toContain(typeOf(revoked));
    const outcome = await goOn();
    expect(typeOf(outcome)).toBe(answer);
    expectInvariants(world, [outcome, revoked]);
    await expectNothingLives();
  });

  it('between its claim and its POST has no POST sent', async () => {
    world.fault = faultsAt({ commit: { 1: 'unanswered' } });
    // The claim has no answer, so the worker reads the row to find its claim there.
    const goOn = await heldAt(world, 'read', 2, () => rotateIn(world));
    world.turn = async () => undefined;
    withoutFaults(world);
    expect(typeOf(await revokeIn(world))).toBe('revoking');
    expect(typeOf(await goOn())).toBe('revoked');
    expect(world.confluent.posts).toHaveLength(1);
    await expectNothingLives();
  });

  it.each<[Call, Fault, number]>([
    ['commit', 'crash-after', 1],
    ['mint', 'crash-after', 1],
    ['commit', 'crash-after', 2],
    ['store', 'crash-before', 1],
    ['store', 'crash-after', 1],
    ['store', 'late', 1],
    ['commit', 'crash-before', 3],
    ['commit', 'crash-after', 3],
    ['commit', 'late', 3],
  ])(
    'and its process died at %s (%s, %i.) leaves nothing, or what an operator has to look for',
    async (call, fault, nth) => {
      world.fault = faultsAt({ [call]: { [nth]: fault } });
      await orCrash(() => rotateIn(world));
      withoutFaults(world);
      await revokeIn(world);
      world.pass(300_000);
      await tick(world);
      const isUnknown = rowIn(world).work?.phase === 'unknown';
      expect(isUnknown, 'only an attempt that left no trace is unknown').toBe(
        `${call} ${nth}` === 'commit 1' || call === 'mint',
      );
      if (isUnknown) expectInvariants(world);
      else await expectNothingLives();
    },
  );
});
