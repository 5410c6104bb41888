import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CostRig, startCostRig } from '../../bench/reconcile-cost.ts';

const OPEN = 12;

let rig: CostRig;
beforeAll(async () => {
  rig = await startCostRig();
});
afterAll(() => rig.close());

it('a run of the reconciler costs the table what is open, however much is finished', async () => {
  rig.finish(20);
  // Each run leaves something for another look by the next: from the third on all have the same to do.
  await rig.run(OPEN);
  await rig.run(OPEN);
  const few = await rig.run(OPEN);
  rig.finish(400);
  const many = await rig.run(OPEN);
  expect(many.remembered - few.remembered).toBe(40);
  // Audit records, bulk operations, urgent rows, rows that only have to be forgotten.
  expect(few.requests).toMatchObject({ 'range queries': 4 });
  expect(few.read).toBeGreaterThanOrEqual(2 * OPEN);
  expect([many.requests, many.read]).toEqual([few.requests, few.read]);
});
