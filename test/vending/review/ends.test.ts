import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startBulk } from '../../../src/vending/commands/bulk.ts';
import { rowOf } from '../../../src/vending/model/rows.ts';
import { reconcile } from '../../../src/vending/review/reconcile.ts';
import { review, reviewSecret } from '../../../src/vending/review/review.ts';
import { slotsFrom } from '../../../src/vending/review/rotation.ts';
import { readCredential } from '../../../src/vending/saga/commit.ts';
import { BY, REVOKE } from '../commands/bulk-scene.ts';
import { RecordedTelemetry } from '../recorded-telemetry.ts';
import {
  DAY,
  faultsAt,
  HOUR,
  heldAt,
  ID,
  REQUEST,
  rotateIn,
  rowIn,
  SETTINGS,
  tick,
  vendIn,
  withoutFaults,
  withRule,
} from '../world/steps.ts';
import { DEFAULT_TIMINGS } from '../world/timings.ts';
import { World } from '../world/world.ts';
import { DEAD, dead, logged, tickIn, vended } from './scenes.ts';

async function moments(count: number): Promise<void> {
  for (let moment = 0; moment < count; moment++) await setImmediate();
}

/** Calls that come after the work was over. A write takes longer than everything that may follow it. */
async function lateCalls(world: World, work: () => Promise<unknown>): Promise<readonly string[]> {
  world.turn = (call) => moments(call === 'commit' || call === 'cleanUp' ? 20 : 1);
  await work();
  const { length } = world.trace;
  await moments(40);
  return world.trace.slice(length);
}

const plantRow = (world: World, { key, value }: { readonly key: string; readonly value: object }): void =>
  void world.ledger.rows.set(key, { text: JSON.stringify(value), etag: world.id('e') });

it.each<[string, (world: World) => Promise<unknown>]>([
  ['a dead worker', async () => undefined],
  ['a row that it cannot read', async (world) => plantRow(world, { key: `credential_${ID}`, value: {} })],
  ['a credential that is gone', async (world) => world.ledger.lose(`credential_${ID}`)],
  [
    'a due row that goes with no date',
    async (world) => {
      await tickIn(world, 0);
      plantRow(world, rowOf('due', { id: ID, at: 1 }));
    },
  ],
  [
    'records that nobody published',
    async (world) => {
      await vendIn(world, { key: { kind: 'key', key: 'other' } });
      world.killAll();
      world.pass(HOUR);
    },
  ],
  [
    'a bulk operation',
    async (world) => {
      const filter = { cluster: REQUEST.clusterId };
      await startBulk(world.ctx('operator'), { by: BY, key: 'k', request: { ...REVOKE, filter, expect: 1 } });
      world.killAll();
    },
  ],
])('a run over %s ends after everything that it began', async (_, prepare) => {
  const world = await dead(DEAD.stored);
  await prepare(world);
  expect(await lateCalls(world, () => tick(world))).toEqual([]);
});

it.each([
  [1, 'LIST event'],
  [2, 'LIST due'],
])('a run publishes first: it waits for list %d before %s', async (nth, next) => {
  const world = await dead(DEAD.stored);
  world.trace = [];
  const goOn = await heldAt(world, 'list', nth, () => tick(world));
  await moments(20);
  expect(world.trace).not.toContain(next);
  await goOn();
  expect(world.trace).toContain(next);
});

it('a run ends after it has forgotten what was to be forgotten', async () => {
  const world = new World();
  world.fault = faultsAt({ mint: { 1: 'refused' } });
  await vendIn(world);
  withoutFaults(world);
  await world.settled();
  world.pass(DEFAULT_TIMINGS.retentionMs + 1);
  expect(await lateCalls(world, () => tick(world))).toEqual([]);
  expect([...world.ledger.rows.keys()]).toEqual([]);
});

it('a run begins to forget nothing after 30 seconds, and the next run goes on', async () => {
  const world = new World();
  world.fault = (call) => (call === 'mint' ? 'refused' : undefined);
  for (let key = 0; key < 30; key++) await vendIn(world, { key: { kind: 'key', key: `${key}` } });
  withoutFaults(world);
  await world.settled();
  world.pass(DEFAULT_TIMINGS.retentionMs + 1);
  const start = world.now;
  world.turn = async (call) => {
    if (call === 'commit') world.pass(2_500);
  };
  await tick(world);
  expect(world.now - start).toBeGreaterThanOrEqual(30_000);
  expect(world.now - start).toBeLessThan(45_000);
  const left = world.ledger.keys('credential').length;
  expect(left).toBeGreaterThan(10);
  await tick(world);
  expect(world.ledger.keys('credential').length).toBeLessThan(left);
});

it('a run reads no more due rows after 90 seconds, and says once how late the oldest is', async () => {
  const world = new World();
  for (let key = 0; key < 12; key++) {
    const { id } = await vended(world, { key: { kind: 'key', key: `${key}` } });
    await rotateIn(world, { id });
  }
  await world.settled();
  world.pass(25 * HOUR + 1);
  world.turn = async (call) => {
    if (call === 'deleteKey') world.pass(30_000);
  };
  world.trace = [];
  const telemetry = new RecordedTelemetry();
  await reconcile({ ...world.ctx('reconciler'), telemetry }, SETTINGS, { page: 2, concurrency: 1 });
  expect(world.trace.filter((call) => call === 'LIST due')).toHaveLength(2);
  expect(world.confluent.deleted).toHaveLength(3);
  expect(telemetry.measurements.filter(({ instrument }) => instrument === 'vending.oldest_due')).toHaveLength(1);
});

it('a review ends after it has written its next date', async () => {
  const world = await dead(DEAD.stored);
  world.fault = (call) => (call === 'listVersions' ? 'lost' : undefined);
  const read = await readCredential(world.ctx('reconciler'), ID);
  if (read.kind !== 'found') throw new Error('There is no credential.');
  const means = { terms: SETTINGS, slots: slotsFrom(world.now) };
  let isOver = false;
  const goOn = await heldAt(world, 'commit', 1, async () => {
    await review(world.ctx('reconciler'), means, read.row);
    isOver = true;
  });
  await setImmediate();
  expect(isOver).toBe(false);
  await goOn();
  expect(rowIn(world)).toHaveProperty('retry');
});

it('an event of Key Vault is answered after the review', async () => {
  const world = new World();
  const settings = withRule({ revokeAtExpiry: true });
  await vendIn(world, { settings, request: { validFor: 'P1D' } });
  await world.settled();
  world.pass(DAY);
  const { current, vaultUrl, secretName } = rowIn(world);
  const secret = { vaultUrl, secretName, version: current?.secret.version ?? '' };
  expect(await lateCalls(world, () => reviewSecret(world.ctx(), settings, secret))).toEqual([]);
  expect(rowIn(world)).toHaveProperty('revocation');
});

it('an event of Key Vault about a credential that was forgotten is ignored', async () => {
  const world = new World();
  await vended(world);
  const { current, vaultUrl, secretName } = rowIn(world);
  world.ledger.lose(`credential_${ID}`);
  const secret = { vaultUrl, secretName, version: current?.secret.version ?? '' };
  expect(await reviewSecret(world.ctx(), SETTINGS, secret)).toEqual({ kind: 'ignored', reason: 'not-ours' });
});

it.each<[string, () => Promise<World>, number]>([
  ['a dead worker that had stored its secret', () => dead(DEAD.stored), 0],
  ['a dead worker whose key nobody knows', () => dead(DEAD.posted), 0],
  ['a rotation that is due', () => agedWorld(withRule({ rotateEvery: 'P10D' })), 10 * DAY],
  ['an expiry', () => agedWorld(SETTINGS), 30 * DAY],
])('a review that decides about %s is not called undecided', async (_, scene, ms) => {
  const world = await scene();
  await tickIn(world, ms + 1, withRule({ rotateEvery: 'P10D' }));
  expect(logged(world)).not.toContain('review-undecided');
  expect(rowIn(world)).not.toHaveProperty('retry');
});

async function agedWorld(settings: typeof SETTINGS): Promise<World> {
  const world = new World();
  await vended(world, { settings, request: { validFor: 'P30D' } });
  return world;
}
