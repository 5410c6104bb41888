import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type AuditRecord, auditRecordSchema } from '../../../src/vending/model/audit.ts';
import { reconcile } from '../../../src/vending/reconcile/reconcile.ts';
import { askOrCrash, BOUNDS, orCrash } from '../saga/vending.ts';
import { type Fault, World } from '../saga/world.ts';

const FAULTS: readonly Fault[] = ['lost', 'unanswered', 'refused', 'retried', 'crash-before', 'crash-after'];
const fate = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom(...FAULTS) },
);

/** The history of one intent from its records in time order, some told twice, some lost but named by the next. */
function reconstruct(records: readonly AuditRecord[]): readonly string[] {
  const states = new Map<string, string>();
  for (const { id, state, from } of records) {
    if (from !== null && !states.has(from.id)) states.set(from.id, from.state);
    if (!states.has(id)) states.set(id, state);
  }
  return [...states.values()];
}

it('the trail alone tells how an intent stands and how it got there, whatever crashed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fate, { minLength: 10, maxLength: 40 }), async (script) => {
      const world = new World();
      const left = script.values();
      world.fault = () => left.next().value;
      await askOrCrash(world);
      await askOrCrash(world);
      world.fault = () => undefined;
      for (let n = 0; n < 6; n++) {
        world.now += 240_000;
        await orCrash(() => reconcile(world.ports('reconciler'), BOUNDS));
      }
      for (const record of world.audit) auditRecordSchema.parse(record);
      const [row] = world.rows.values();
      if (row === undefined) return;
      const history = reconstruct(world.audit);
      expect(history.at(-1)).toBe(row.intent.state.kind);
      expect(history[0]).toBe('minting');
    }),
    { numRuns: 2_000 },
  );
});
