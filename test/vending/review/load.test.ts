import { expect, it } from 'vitest';
import { MAX_DOCUMENT } from '../../../src/vending/saga/commit.ts';
import {
  AFTER_LEASE,
  faultsAt,
  HOUR,
  ID,
  orCrash,
  revokeIn,
  rotateIn,
  rowIn,
  tick,
  vendIn,
  withoutFaults,
} from '../world/steps.ts';
import { World } from '../world/world.ts';
import { dueIn, stateOf, tickIn, types, vended } from './scenes.ts';

const TIMEOUT_MS = 120_000;

it(
  '2,000 failed attempts of one credential leave room for the one that vends, and are forgotten in the end',
  async () => {
    const world = new World();
    world.fault = (call) => (call === 'mint' ? 'refused' : undefined);
    for (let attempt = 0; attempt < 2_000; attempt++) {
      world.pass(7_000);
      await vendIn(world);
      await world.settled();
    }
    expect(rowIn(world)).toMatchObject({ attempts: 2_000, failure: { streak: 2_000 } });
    withoutFaults(world);
    world.pass(7_000);
    expect((await vended(world)).current?.attempt).toBe(2_001);
    expect(JSON.stringify(rowIn(world)).length).toBeLessThan(MAX_DOCUMENT / 8);
    await revokeIn(world);
    await tickIn(world, AFTER_LEASE);
    await tickIn(world, 31 * 24 * HOUR);
    expect(world.ledger.rows.size).toBe(0);
  },
  TIMEOUT_MS,
);

it(
  '300 events that a topic refuses leave the row as it was, and the next rotation vends',
  async () => {
    const world = new World();
    world.refusesEvents = true;
    world.fault = (call) => (call === 'mint' ? 'refused' : undefined);
    for (let attempt = 0; attempt < 300; attempt++) {
      world.pass(7_000);
      await vendIn(world);
      await world.settled();
    }
    expect(world.ledger.keys('event')).toHaveLength(300);
    withoutFaults(world);
    world.pass(7_000);
    await vended(world);
    await rotateIn(world);
    await world.settled();
    expect(rowIn(world).previous).toBeDefined();
    expect(JSON.stringify(rowIn(world)).length).toBeLessThan(MAX_DOCUMENT / 8);
    const { length } = world.calls;
    await tickIn(world, 31_000);
    expect(world.calls.slice(length).filter((call) => call === 'publish')).toHaveLength(5);
    world.refusesEvents = false;
    await tickIn(world, 60_000);
    expect(types(world)).toHaveLength(302);
    const numbers = world.published.map(({ data }) => Number(data.sequence));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  },
  TIMEOUT_MS,
);

it(
  '6,000 refused requests do not delay the recovery of a crashed worker',
  async () => {
    const world = new World();
    world.fault = (call) => (call === 'mint' ? 'refused' : undefined);
    for (let key = 0; key < 6_000; key++) {
      await vendIn(world, { key: { kind: 'key', key: `refused-${key}` } });
      world.pass(50);
      if (key % 100 === 0) await world.settled();
    }
    await world.settled();
    world.fault = faultsAt({ store: { 1: 'crash-after' } });
    await orCrash(() => vendIn(world));
    withoutFaults(world);
    world.killAll();
    const { length } = world.calls;
    world.pass(AFTER_LEASE);
    await tick(world);
    expect(stateOf(world)).toBe('vended');
    expect(rowIn(world).id).toBe(ID);
    expect(dueIn(world)).toEqual([]);
    // Rows that only have to be forgotten cost a run nothing before their time.
    expect(world.calls.slice(length).length).toBeLessThan(15);
  },
  TIMEOUT_MS,
);
