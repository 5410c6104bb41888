import { InvocationContext, type Timer } from '@azure/functions';
import { beforeEach, expect, it } from 'vitest';
import { reconcileOnTimer } from '../../src/functions/timer.ts';
import { RecordedTelemetry } from '../vending/recorded-telemetry.ts';
import { AFTER_LEASE, failing, orCrash, rowIn, SETTINGS, vendIn, withoutFaults } from '../vending/world/steps.ts';
import type { World } from '../vending/world/world.ts';

const MINUTE_MS = 60_000;
const TIMER: Timer = {
  isPastDue: false,
  schedule: { adjustForDST: false },
  scheduleStatus: { last: '', lastUpdated: '', next: '' },
};

let world: World;
let telemetry: RecordedTelemetry;
let logged: Record<string, unknown>[];
let run: () => Promise<void>;

/** A world whose one credential needs a person. */
beforeEach(async () => {
  world = failing('mint', 'unanswered');
  telemetry = new RecordedTelemetry();
  logged = [];
  await vendIn(world);
  withoutFaults(world);
  const handler = reconcileOnTimer({ ...world.effects(), telemetry }, SETTINGS, { page: 10, concurrency: 2 });
  const logHandler = (_level: string, text: unknown): void => void logged.push(JSON.parse(String(text)));
  run = async () => void (await handler(TIMER, new InvocationContext({ logHandler })));
});

const counted = (): unknown[] => logged.filter(({ event }) => event === 'open-credentials');
const NONE = { unknown: 0, undecided: 0, 'rotation-suspended': 0, unreadable: 0 };

it('what waits for a person is logged once an hour, for as long as it waits', async () => {
  expect(rowIn(world).work?.phase).toBe('unknown');
  for (let minute = 0; minute < 24 * 60; minute += 20) {
    await run();
    world.pass(20 * MINUTE_MS);
  }
  expect(counted()).toEqual(
    Array(24).fill({ event: 'open-credentials', version: 'development', counts: { ...NONE, unknown: 1 } }),
  );
});

it('the gauges are measured in every run', async () => {
  await run();
  await run();
  const unknown = { instrument: 'vending.open_credentials', value: 1, dimensions: { state: 'unknown' } };
  const measured = telemetry.measurements.filter(({ dimensions }) => dimensions.state === 'unknown');
  expect(measured).toEqual([unknown, unknown]);
});

it('a ledger that is silent is asked again in the next run', async () => {
  world.fault = () => 'lost';
  await run();
  expect(counted()).toEqual([]);
  withoutFaults(world);
  await run();
  expect(counted()).toHaveLength(1);
});

it('a worker that died is recovered, and the record names the reconciler', async () => {
  world = failing('store', 'crash-after');
  await orCrash(() => vendIn(world));
  world.killAll();
  world.pass(AFTER_LEASE);
  withoutFaults(world);
  const handler = reconcileOnTimer(world.effects(), SETTINGS, { page: 10, concurrency: 2 });
  const logHandler = (_level: string, text: unknown): void => void logged.push(JSON.parse(String(text)));
  await handler(TIMER, new InvocationContext({ logHandler }));
  expect(rowIn(world).current).toBeDefined();
  expect(logged).toContainEqual({ audit: expect.objectContaining({ actor: 'reconciler', change: 'recoverVended' }) });
});
