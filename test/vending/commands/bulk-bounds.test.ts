import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { continueBulks } from '../../../src/vending/review/bulk.ts';
import { heldAt } from '../world/steps.ts';
import type { World } from '../world/world.ts';
import { bulkSteps, leakedWorld, plantLeaked, REVOKE } from './bulk-scene.ts';

let world: World;
beforeEach(async () => {
  world = await leakedWorld();
});
const { start } = bulkSteps(() => world);

const markedIn = (): number =>
  world.ledger.all('credential').filter(({ revocation }) => revocation !== undefined).length;
const goOn = (): Promise<void> => continueBulks(world.ctx('reconciler'));

/** Each commit of a credential takes so long. */
const slow = (ms: number): void => {
  world.turn = async (call) => {
    if (call === 'commit') world.pass(ms);
  };
};

describe('a run over bulk operations', () => {
  it('marks no more members of one after 15 seconds', async () => {
    plantLeaked(world, 97);
    await start({ ...REVOKE, expect: 100 });
    world.killAll();
    slow(250);
    await goOn();
    expect(markedIn()).toBe(3 * 20);
    await goOn();
    expect(markedIn()).toBe(100);
  });

  it('begins no other one after 15 seconds', async () => {
    await start(REVOKE, 'first');
    await start(REVOKE, 'second');
    world.killAll();
    slow(5_000);
    world.trace = [];
    await goOn();
    expect(world.trace.filter((call) => call === 'READ bulk')).toHaveLength(1);
    expect(world.ledger.all('marking')).toHaveLength(1);
  });

  it('writes down how far it is before it marks the next members', async () => {
    plantLeaked(world, 37);
    await start({ ...REVOKE, expect: 40 });
    world.killAll();
    const release = await heldAt(world, 'cleanUp', 1, goOn);
    await setImmediate();
    expect(markedIn()).toBe(20);
    await release();
    expect(markedIn()).toBe(40);
  });

  it('ends after it has written down that all members are marked', async () => {
    await start(REVOKE);
    world.killAll();
    let isOver = false;
    const release = await heldAt(world, 'cleanUp', 1, async () => {
      await goOn();
      isOver = true;
    });
    await setImmediate();
    expect(isOver).toBe(false);
    await release();
  });
});

it('the first members are marked right after the start, without a run', async () => {
  await start(REVOKE);
  await world.settled();
  expect(markedIn()).toBe(3);
});
