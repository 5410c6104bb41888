import fc from 'fast-check';
import { expect, it } from 'vitest';
import { reconcile } from '../../../src/vending/reconcile/reconcile.ts';
import type { VendOutcome } from '../../../src/vending/saga/outcome.ts';
import { expectInvariants, expectNothingOpenButUnknown } from './invariants.ts';
import { ask, askOrCrash, BOUNDS, orCrash } from './vending.ts';
import { type Call, type Fault, World } from './world.ts';

/** `npm run prove -- --runs N` sets it. */
const RUNS = Number(process.env.PROVE_RUNS ?? 10_000);
const FAULTS: readonly Fault[] = ['lost', 'unanswered', 'late', 'refused', 'retried', 'crash-before', 'crash-after'];

/** Most calls pass, so that runs get far enough for the rare combinations to matter. */
const fate = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom(...FAULTS) },
);
const faults = fc.array(fate, { minLength: 10, maxLength: 60 });

const lapse = fc.constantFrom(0, 10_000, 60_000, 115_000, 211_000);

/** What runs beside and after one another: workers on one intent, reconcilers, and time that passes under their feet. */
const rounds = fc.array(
  fc.record({
    workers: fc.integer({ min: 0, max: 3 }),
    reconcilers: fc.integer({ min: 0, max: 2 }),
    lapses: fc.array(lapse, { maxLength: 2 }),
    sleepMs: lapse,
  }),
  { minLength: 1, maxLength: 4 },
);

it(`holds every invariant under random faults, crashes, races and lapsed leases (${RUNS} runs)`, async () => {
  let vended = 0;
  await fc.assert(
    fc.asyncProperty(faults, rounds, fc.scheduler(), async (script, plan, scheduler) => {
      const world = new World();
      const outcomes: VendOutcome[] = [];

      world.fault = faultScript(script);
      world.turn = (call) => scheduler.schedule(Promise.resolve(), call);
      for (const { workers, reconcilers, lapses, sleepMs } of plan) {
        const racing = [
          ...repeat(workers, () => askOrCrash(world)),
          ...repeat(reconcilers, () => reconcileOrCrash(world)),
          ...lapses.map((ms) => scheduler.schedule(Promise.resolve(), 'time').then(() => world.pass(ms))),
        ];
        await scheduler.waitFor(Promise.all(racing));
        outcomes.push(...(await Promise.all(racing)).filter((outcome) => outcome !== undefined));
        expectInvariants(world, outcomes);
        world.pass(sleepMs);
      }
      await quiesce(world, outcomes);
      vended += outcomes.some(({ kind }) => kind === 'vended') ? 1 : 0;
    }),
    { numRuns: RUNS },
  );
  expect(vended, 'the runs reach the end often enough to mean something').toBeGreaterThan(RUNS / 5);
}, 600_000);

/** No more faults, and time: the reconciler gets its chance, and a retry must not break what it made of it. */
async function quiesce(world: World, outcomes: VendOutcome[]): Promise<void> {
  world.fault = () => undefined;
  world.turn = async () => undefined;
  world.settle();
  world.now += 240_000;
  outcomes.push(await ask(world));
  for (let tick = 0; tick < 5; tick++) {
    world.now += 240_000;
    await reconcileOrCrash(world);
    expectInvariants(world, outcomes);
  }
  expectNothingOpenButUnknown(world);
  outcomes.push(await ask(world));
  expectInvariants(world, outcomes);
}

const reconcileOrCrash = (world: World): Promise<undefined> =>
  orCrash(async () => {
    await reconcile(world.ports('reconciler'), BOUNDS);
    return undefined;
  });

const repeat = <T>(times: number, make: () => T): T[] => Array.from({ length: times }, make);

function faultScript(script: readonly (Fault | undefined)[]): (call: Call) => Fault | undefined {
  const left = script.values();
  return () => left.next().value;
}
