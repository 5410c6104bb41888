import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { VendOutcome } from '../../../src/vending/saga/outcome.ts';
import { expectInvariants } from './invariants.ts';
import { askOrCrash } from './vending.ts';
import { type Call, type Fault, World } from './world.ts';

const RUNS = 4_000;
const FAULTS: readonly Fault[] = ['lost', 'unanswered', 'late', 'refused', 'retried', 'crash-before', 'crash-after'];

/** Most calls pass, so that runs get far enough for the rare combinations to matter. */
const fate = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom(...FAULTS) },
);
const faults = fc.array(fate, { minLength: 10, maxLength: 40 });

it(`holds every invariant under random faults, crashes and races (${RUNS} runs)`, async () => {
  let vended = 0;
  await fc.assert(
    fc.asyncProperty(faults, fc.integer({ min: 1, max: 3 }), fc.scheduler(), async (script, workers, scheduler) => {
      const world = new World();
      world.fault = faultScript(script);
      world.turn = (call) => scheduler.schedule(Promise.resolve(), call);
      const racing = Array.from({ length: workers }, () => askOrCrash(world));
      await scheduler.waitFor(Promise.all(racing));
      const outcomes = (await Promise.all(racing)).filter((outcome) => outcome !== undefined);
      world.settle();
      expectInvariants(world, outcomes);
      outcomes.push(...(await askAgain(world)));
      expectInvariants(world, outcomes);
      vended += outcomes.some(({ kind }) => kind === 'vended') ? 1 : 0;
    }),
    { numRuns: RUNS },
  );
  expect(vended, 'the runs reach the end often enough to mean something').toBeGreaterThan(RUNS / 5);
});

/** Without faults any more, and long after: a retry must not break what the faulty workers left. */
async function askAgain(world: World): Promise<VendOutcome[]> {
  world.fault = () => undefined;
  world.turn = async () => undefined;
  world.now += 3_600_000;
  const outcomes = [await askOrCrash(world), await askOrCrash(world)];
  return outcomes.filter((outcome) => outcome !== undefined);
}

function faultScript(script: readonly (Fault | undefined)[]): (call: Call) => Fault | undefined {
  const left = script.values();
  return () => left.next().value;
}
