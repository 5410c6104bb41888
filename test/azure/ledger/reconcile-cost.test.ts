import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CostRig, type Repetition, startCostRig } from '../../bench/reconcile-cost.ts';

const OPEN = 12;
/** `npm run bench -- --only scale` measures with a million. */
const MANY = 10_000;

let rig: CostRig;
beforeAll(async () => {
  rig = await startCostRig();
  rig.finish(20);
});
afterAll(() => rig.close());

const countsOf = ({ requests, entities }: Repetition): readonly number[] => [requests, entities];

/** What everything costs now, in requests and in rows that the ledger answered. */
async function costs() {
  const run = await rig.run(OPEN);
  return {
    run: [run.requests, run.read],
    vend: countsOf(await rig.vend(3)),
    replay: countsOf(await rig.repeat(3)),
    pageOfAll: countsOf(await rig.list('all', 3)),
    pageOfOwn: countsOf(await rig.list('own', 3)),
  } as const;
}

it('a request, a page and a run of the reconciler cost the ledger the same, however much is finished', async () => {
  // Each run leaves something for another look by the next: from the third on all have the same to do.
  await rig.run(OPEN);
  await rig.run(OPEN);
  const few = await costs();
  // Audit records, bulk operations, urgent rows, rows that only have to be forgotten.
  expect(few.run[0]).toMatchObject({ 'range queries': 4 });
  expect(few.run[1]).toBeGreaterThanOrEqual(2 * OPEN);
  // Each page has 20 rows, and one row tells whether there is a next page.
  expect(few).toMatchObject({ vend: [3, 0], replay: [2, 1], pageOfAll: [1, 21], pageOfOwn: [21, 41] });
  rig.finish(MANY);
  expect(await costs()).toEqual(few);
});
