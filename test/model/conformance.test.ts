import { describe, expect, it } from 'vitest';
import type { Intent } from '../../src/vending/intent.ts';
import { ask } from '../vending/saga/vending.ts';
import { World } from '../vending/saga/world.ts';
import { expectAllowed, expectTrailAllowed } from './conformance.ts';

/** A world in which one key was vended, and the row that says so. */
async function vended(): Promise<{ world: World; intent: Intent }> {
  const world = new World();
  await ask(world);
  const [row] = world.rows.values();
  if (row === undefined) throw new Error('Nothing was recorded.');
  return { world, intent: row.intent };
}

describe('conformance to the table', () => {
  it('allows what the saga writes when nothing fails', async () => {
    const { world, intent } = await vended();
    expect(world.audit.map(({ state }) => state)).toEqual(['minting', 'minted', 'vended']);
    expectTrailAllowed(world.audit);
    const minting: Intent = { ...intent, state: { kind: 'minting', leaseUntil: 0 } };
    expectAllowed([
      { before: undefined, after: minting, actor: 'worker' },
      { before: minting, after: intent, actor: 'reconciler' },
    ]);
  });

  it('tells what was written and what the table allows there', async () => {
    const { intent } = await vended();
    const failed: Intent = {
      ...intent,
      state: { kind: 'failed', problem: { type: 'paused', detail: '' }, retryAt: 0, since: 0 },
    };
    expect(() => expectAllowed([{ before: failed, after: intent, actor: 'worker' }])).toThrow(
      `Request ${intent.id}: no row of the table lets the worker go from failed(1) to vended(1, KEY`,
    );
    expect(() => expectAllowed([{ before: failed, after: intent, actor: 'worker' }])).toThrow(
      'minting, key none: a request claims the next attempt',
    );
  });

  it.each(['reconciler', 'operator:entra:t:o'])(
    'does not let %s forget what was vended, or put another key in its place',
    async (actor) => {
      const { intent } = await vended();
      expect(() => expectAllowed([{ before: intent, after: undefined, actor }])).toThrow(`from vended(1`);
      const key = { id: 'OTHER', metadata: {}, spec: {} };
      const other: Intent = { ...intent, state: { kind: 'vended', key, secret: { id: '', version: '' } } };
      expect(() => expectAllowed([{ before: intent, after: other, actor }])).toThrow('vended(1, OTHER)');
    },
  );

  it('finds a change in the trail that nobody may make', async () => {
    const { world } = await vended();
    const byReconciler = world.audit.map((record) => ({ ...record, actor: 'reconciler' }));
    expect(() => expectTrailAllowed(byReconciler)).toThrow('lets the reconciler go from minting(1) to minted(1, KEY');
  });

  it('passes over a record that a reconciler wrote again', async () => {
    const { world } = await vended();
    expectTrailAllowed(world.audit.map((record) => ({ ...record, from: null, actor: 'reconciler' })));
  });

  it('knows no other actor', async () => {
    const { intent } = await vended();
    expect(() => expectAllowed([{ before: intent, after: intent, actor: 'somebody' }])).toThrow(
      'No such actor: somebody',
    );
  });
});
