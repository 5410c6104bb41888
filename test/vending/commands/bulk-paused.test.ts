import { describe, expect, it } from 'vitest';
import { rowOf } from '../../../src/vending/model/rows.ts';
import { ID, rowIn } from '../world/steps.ts';
import type { World } from '../world/world.ts';
import { ticksIn, vendedWorld } from './resolve-scenes.ts';

describe('a bulk operation', () => {
  const plant = (world: World, id: string, isPaused: boolean): void => {
    const at = world.now;
    const bulk = {
      id,
      operation: 'revoke',
      filter: { cluster: 'x' },
      by: 'o',
      createdAt: at,
      count: 1,
      startId: 's',
    } as const;
    const paused = rowOf('bulkchange', { bulk: id, number: 1, state: 'paused', by: 'o', at });
    const member = rowOf('member', { bulk: id, id: ID });
    for (const { key, value } of [rowOf('bulk', bulk), rowOf('marking', { id }), isPaused ? paused : member])
      world.ledger.rows.set(key, { text: JSON.stringify(value), etag: world.id('e') });
  };

  it.each([0, 100])('goes on beside %s that are paused (0 is the control)', async (count) => {
    const world = await vendedWorld();
    for (let n = 0; n < count; n++) plant(world, `a${String(n).padStart(25, 'a')}`, true);
    plant(world, 'z'.repeat(26), false);
    await ticksIn(world, 5);
    expect(rowIn(world).revocation).toBeDefined();
  });
});
