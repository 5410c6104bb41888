import { InvocationContext, type Timer } from '@azure/functions';
import { beforeEach, expect, it } from 'vitest';
import { reconcileOnTimer } from '../../src/functions/timer/reconcile.ts';
import { RecordedTelemetry } from '../vending/recorded-telemetry.ts';
import { AFTER_LEASE, failing, intentOf, stateOf, tick } from '../vending/saga/steps.ts';
import { askOrCrash, BOUNDS } from '../vending/saga/vending.ts';
import type { World } from '../vending/saga/world.ts';

const MINUTE_MS = 60_000;

let world: World;
let told: Record<string, unknown>[];
let run: () => Promise<void>;
const telemetry = new RecordedTelemetry();
beforeEach(async () => {
  world = failing('mint', 'unanswered');
  await askOrCrash(world);
  expect(stateOf(world)).toBe('unknown');
  world.fault = () => undefined;
  told = [];
  telemetry.measurements.length = 0;
  const handler = reconcileOnTimer({ ...world.ports('reconciler'), telemetry }, BOUNDS);
  run = async () => {
    const logHandler = (_level: string, text: unknown): void => {
      const record = JSON.parse(String(text));
      if (record.event === 'open-intents') told.push(record);
    };
    await handler({} as Timer, new InvocationContext({ logHandler }));
  };
});

/** Until the reconciler has put it out of its own way. */
async function parked(): Promise<void> {
  world.pass(AFTER_LEASE);
  await tick(world);
}

const NONE = { minting: 0, minted: 0, compensating: 0, revoking: 0 };

it('what is unknown is told within the hour, for as long as it is', async () => {
  await parked();
  for (let minute = 0; minute < 3 * 24 * 60; minute += 20) {
    await run();
    world.pass(20 * MINUTE_MS);
  }
  expect(told).toHaveLength(3 * 24);
  expect(told.at(-1)).toEqual({ event: 'open-intents', counts: { ...NONE, unknown: 1 } });
  expect(telemetry.measurements).toContainEqual({
    instrument: 'vending.open_intents',
    value: 1,
    dimensions: { state: 'unknown' },
  });
});

it('that nothing is unknown any more is told too, although its due row was left behind', async () => {
  await parked();
  const row = intentOf(world);
  if (row === undefined) throw new Error('There is no intent');
  const state = {
    kind: 'failed',
    problem: { type: 'outcome-unknown', detail: '' },
    retryAt: 0,
    since: world.now,
  } as const;
  world.rows.set(row.id, { intent: { ...row, state }, etag: 'closed' });
  expect(world.due.size).toBe(1);
  await run();
  expect(told).toEqual([{ event: 'open-intents', counts: { ...NONE, unknown: 0 } }]);
});

it('a ledger that is silent is asked again in the next run', async () => {
  await parked();
  world.fault = () => 'lost';
  await run();
  expect(told).toEqual([]);
  world.fault = (call) => (call === 'read' ? 'lost' : undefined);
  await run();
  expect(told).toEqual([]);
  world.fault = () => undefined;
  await run();
  expect(told).toHaveLength(1);
});

it('what a run could not move on is counted as open', async () => {
  world = failing('store', 'crash-before');
  await askOrCrash(world);
  world.pass(AFTER_LEASE);
  world.fault = (call) => (call === 'findVersions' ? 'lost' : undefined);
  const handler = reconcileOnTimer({ ...world.ports('reconciler'), telemetry }, BOUNDS);
  await handler({} as Timer, new InvocationContext({ logHandler: () => undefined }));
  const states = telemetry.measurements.map(({ value, dimensions }) => [dimensions.state, value]);
  expect(Object.fromEntries(states)).toEqual({ ...NONE, minted: 1, unknown: 0 });
});

it('in most minutes it reads what is due and nothing else', async () => {
  await parked();
  await run();
  world.calls = [];
  world.pass(MINUTE_MS);
  await run();
  expect(world.calls).toEqual(['listDue']);
});
