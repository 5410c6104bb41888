import { expect, it } from 'vitest';
import { reconcile } from '../../../src/vending/reconcile/reconcile.ts';
import { AFTER_LEASE, failing, intentOf, stateOf } from '../saga/steps.ts';
import { ask, askOrCrash } from '../saga/vending.ts';
import type { World } from '../saga/world.ts';

const BATCH = 3;
const tick = (world: World): Promise<unknown> => reconcile(world.ports('reconciler'), { batch: BATCH, concurrency: 2 });

/** Due rows of claims that never came, all before that of an intent whose worker died. */
async function heldUpBy(announcements: number): Promise<World> {
  const world = failing('mint', 'crash-before');
  for (let number = 0; number < announcements; number++) {
    const due = { intentId: `claim-${number}`, at: new Date(world.now + number) };
    world.due.set(`${due.at.toISOString()}_${due.intentId}`, due);
  }
  await askOrCrash(world);
  world.pass(AFTER_LEASE);
  return world;
}

it('rows that wait for a slow writer take nobody’s place in the batch', async () => {
  const world = await heldUpBy(3 * BATCH);
  await tick(world);
  expect(stateOf(world)).toBe('unknown');
  expect(world.due.size, 'the announcements stay').toBe(3 * BATCH + 1);
});

it('a run ends with the batch, whatever else is due', async () => {
  const world = failing('mint', 'unanswered');
  await ask(world);
  const intent = intentOf(world);
  if (intent === undefined) throw new Error('There is no intent.');
  for (let number = 0; number < 3 * BATCH; number++) {
    const copy = { ...intent, id: `request-${number}` };
    world.rows.set(copy.id, { intent: copy, etag: `etag-${number}` });
    const due = { intentId: copy.id, at: new Date(copy.dueAt) };
    world.due.set(`${due.at.toISOString()}_${due.intentId}`, due);
  }
  world.pass(AFTER_LEASE);
  world.calls = [];
  await tick(world);
  expect(world.calls.filter((call) => call === 'replace')).toHaveLength(BATCH);
});
