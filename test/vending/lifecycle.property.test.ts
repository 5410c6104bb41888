import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { VendedIntent } from '../../src/vending/saga/outcome.ts';
import { expectReadable, HOUR, kindIn, liveIn, revokeIn, rotateIn, rotationIn, vendedIn } from './lifecycle.ts';
import { expectLedgerHolds, expectNothingOpenButUnknown } from './saga/invariants.ts';
import { tick } from './saga/steps.ts';
import { orCrash } from './saga/vending.ts';
import { type Fault, World } from './saga/world.ts';

/** `npm run prove -- --runs N` sets it, for this and the vend. */
const RUNS = Number(process.env.PROVE_RUNS ?? 4_000);
const FAULTS: readonly Fault[] = ['lost', 'unanswered', 'late', 'refused', 'retried', 'crash-before', 'crash-after'];

const fate = fc.oneof(
  { weight: 5, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom(...FAULTS) },
);
const faults = fc.array(fate, { minLength: 10, maxLength: 60 });
const lapse = fc.constantFrom(0, 10_000, 115_000, 211_000, 25 * HOUR + 1);

/** Rotations and revocations of one key, and reconcilers, beside and after one another. */
const rounds = fc.array(
  fc.record({
    rotations: fc.integer({ min: 0, max: 2 }),
    revocations: fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 }) },
    ),
    reconcilers: fc.integer({ min: 0, max: 2 }),
    lapses: fc.array(fc.constantFrom(0, 60_000, 115_000), { maxLength: 2 }),
    sleepMs: lapse,
  }),
  { minLength: 1, maxLength: 4 },
);

it(`rotations and revocations hold every invariant under faults, crashes and races (${RUNS} runs)`, async () => {
  const ends = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(faults, rounds, fc.scheduler(), async (script, plan, scheduler) => {
      const world = new World();
      const old = await vendedIn(world);
      const left = script.values();
      let revoked = false;
      world.fault = () => left.next().value;
      world.turn = (call) => scheduler.schedule(Promise.resolve(), call);
      for (const { rotations, revocations, reconcilers, lapses, sleepMs } of plan) {
        revoked ||= revocations > 0;
        const racing = [
          ...repeat(rotations, () => orCrash(() => rotateIn(world, old.id))),
          ...repeat(revocations, () => orCrash(() => revokeIn(world, old.id))),
          ...repeat(reconcilers, () => orCrash(() => tick(world))),
          ...lapses.map((ms) => scheduler.schedule(Promise.resolve(), 'time').then(() => world.pass(ms))),
        ];
        await scheduler.waitFor(Promise.all(racing));
        expectHolds(world, revoked);
        world.pass(sleepMs);
      }
      await quiesce(world, revoked);
      expectEnd(world, old, revoked);
      const end = `${kindIn(world, old.id)}, then ${rotationIn(world, old)?.state.kind}`;
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }),
    { numRuns: RUNS },
  );
  for (const end of ['revoked, then vended', 'vended, then unknown', 'revoked, then undefined'])
    expect(ends.get(end) ?? 0, `runs that end ${end}`).toBeGreaterThan(RUNS / 100);
}, 600_000);

function expectHolds(world: World, revoked: boolean): void {
  expectLedgerHolds(world, []);
  expect(liveIn(world).length, 'at most two keys live for one secret').toBeLessThanOrEqual(2);
  if (revoked) return;
  for (const { keyId, read } of world.deletions) expect(read, `${keyId} was read when it was deleted`).toEqual([]);
  expectReadable(world);
}

/** No more faults, and time: whatever was begun comes to its end. */
async function quiesce(world: World, revoked: boolean): Promise<void> {
  world.fault = () => undefined;
  world.turn = async () => undefined;
  world.settle();
  for (let ticks = 0; ticks < 9; ticks++) {
    world.now += ticks === 3 || ticks === 6 ? 26 * HOUR : 240_000;
    await tick(world);
    expectHolds(world, revoked);
  }
  expectNothingOpenButUnknown(world);
}

function expectEnd(world: World, old: VendedIntent, revoked: boolean): void {
  const kind = kindIn(world, old.id);
  const next = rotationIn(world, old)?.state.kind;
  if (!revoked)
    expect(kind, 'the old key goes if, and only if, the new one is in force').toBe(
      next === 'vended' ? 'revoked' : 'vended',
    );
  expect(['vended', 'revoked']).toContain(kind);
  expect([undefined, 'vended', 'failed', 'unknown']).toContain(next);
  if (kind === 'revoked') expect(liveIn(world)).not.toContain(old.state.key.id);
}

const repeat = <T>(times: number, make: () => T): T[] => Array.from({ length: times }, make);
