import { beforeEach, describe, expect, it } from 'vitest';
import { changeBulk } from '../../../src/vending/commands/bulk.ts';
import { HOUR } from '../world/steps.ts';
import { DEFAULT_TIMINGS } from '../world/timings.ts';
import type { World } from '../world/world.ts';
import { bulkSteps, idOf, idOfBulk, leakedWorld, REVOKE } from './bulk-scene.ts';

let world: World;
beforeEach(async () => {
  world = await leakedWorld();
});
const { progress, start, statuses, tick } = bulkSteps(() => world);

/** A revocation of one credential, by an operation of its own. */
async function startFor(key: string): Promise<string> {
  const { secretName = '' } = world.ledger.get(idOf(key)) ?? {};
  const id = idOfBulk(await start({ ...REVOKE, filter: { secretName }, expect: 1 }, key));
  world.killAll();
  return id;
}

// Their rows lie beside each other. Either may come first.
describe.each<[one: string, other: string]>([
  ['a', 'x'],
  ['x', 'a'],
])('of two bulk operations, about %s and about %s,', (one, other) => {
  it('each marks and counts its own members alone', async () => {
    const paused = await startFor(one);
    const running = await startFor(other);
    await changeBulk(world.ctx('operator'), paused, 'paused');
    await tick();
    await tick();
    expect(statuses(one, other)).toEqual(['vended', 'revoked']);
    expect(await progress(paused)).toMatchObject({ state: 'paused', left: 1, done: 0 });
    expect(await progress(running)).toMatchObject({ state: 'running', left: 0, done: 1 });
  });

  it('the older one is forgotten alone', async () => {
    const older = await startFor(one);
    await changeBulk(world.ctx('operator'), older, 'cancelled');
    await tick();
    world.pass(DEFAULT_TIMINGS.retentionMs - HOUR);
    const younger = await startFor(other);
    await changeBulk(world.ctx('operator'), younger, 'paused');
    world.pass(2 * HOUR);
    await tick();
    expect(world.ledger.all('bulk')).toMatchObject([{ id: younger }]);
    expect(world.ledger.all('member')).toMatchObject([{ bulk: younger }]);
    expect(world.ledger.all('bulkchange')).toMatchObject([{ bulk: younger }]);
  });
});
