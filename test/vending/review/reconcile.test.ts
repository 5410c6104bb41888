import { beforeEach, describe, expect, it } from 'vitest';
import { ABSENCE_PROVES_MS } from '../../../src/vending/model/timings.ts';
import { reconcile } from '../../../src/vending/review/reconcile.ts';
import { RecordedTelemetry } from '../recorded-telemetry.ts';
import {
  AFTER_LEASE,
  currentKeyIn,
  DAY,
  HOUR,
  ID,
  rotateIn,
  rowIn,
  SETTINGS,
  tick,
  withoutFaults,
  withRule,
} from '../world/steps.ts';
import { World } from '../world/world.ts';
import { DEAD, dead, dueIn, logged, newestVersion, stateOf, tickIn, vended } from './scenes.ts';

const MINUTE = 60_000;
const BOUNDS = { page: 100, concurrency: 2 };
const openIn = (world: World): string[] => world.ledger.all('open').map(({ reason }) => reason);

describe('a review that decides nothing', () => {
  let world: World;
  beforeEach(async () => {
    world = await dead(DEAD.stored);
    world.fault = (call) => (call === 'listVersions' ? 'lost' : undefined);
  });

  it('is repeated after a minute, then after half of the time that this has been so, and hourly at last', async () => {
    const pauses: number[] = [];
    for (let run = 0; run < 16; run++) {
      await tickIn(world, 0);
      const [next = 0] = dueIn(world);
      pauses.push(next / MINUTE);
      world.pass(next + 1);
    }
    expect(pauses.slice(0, 4)).toEqual([1, 1, 1, 1.5].map((each) => expect.closeTo(each, 2)));
    expect(pauses.slice(-2)).toEqual([60, 60]);
    expect(pauses.every((pause, n) => pause >= (pauses[n - 1] ?? 0))).toBe(true);
  });

  it('is shown to operators after ten minutes, and no more once it is decided', async () => {
    await tickIn(world, 0);
    expect(openIn(world)).toEqual([]);
    await tickIn(world, 11 * MINUTE);
    expect(openIn(world)).toEqual(['undecided']);
    withoutFaults(world);
    await tickIn(world, HOUR);
    expect(stateOf(world)).toBe('vended');
    expect(openIn(world)).toEqual([]);
  });

  it('holds up nobody else', async () => {
    const other = { kind: 'key', key: 'order-2' } as const;
    const { id } = await vended(world, { key: other });
    await rotateIn(world, { id });
    const { secretName } = rowIn(world);
    world.pass(25 * HOUR + 1);
    world.fault = (call) => (call === 'listVersions' ? 'lost' : undefined);
    await tickIn(world, 0);
    expect(stateOf(world)).toBe('minted');
    expect(rowIn(world, id)).not.toHaveProperty('previous');
    expect(secretName).not.toBe(rowIn(world, id).secretName);
  });

  it('holds up no other date of the same credential', async () => {
    withoutFaults(world);
    await tickIn(world, 0);
    await rotateIn(world);
    // The sweep that a stranger's word left is due, and the vault is silent.
    world.fault = (call) => (call === 'listVersions' ? 'lost' : undefined);
    world.pass(25 * HOUR + 1);
    await tickIn(world, 0);
    expect(world.confluent.live()).toEqual([currentKeyIn(world)]);
  });
});

it.each(['sweep', 'ask-rotation'])(
  'a %s that the upstream held up for long is forgotten once it is done',
  async (task) => {
    const world = await dead(DEAD.minted);
    const settings = withRule({ rotateEvery: 'P5D' });
    await tickIn(world, ABSENCE_PROVES_MS);
    if (task === 'ask-rotation') await vended(world, { settings });
    world.fault = (call) => (call === 'listVersions' || call === 'requestRotation' ? 'lost' : undefined);
    world.pass(task === 'sweep' ? AFTER_LEASE : 6 * DAY);
    for (let run = 0; run < 15; run++) await tickIn(world, MINUTE, settings);
    expect(openIn(world)).toEqual(['undecided']);
    withoutFaults(world);
    await tickIn(world, HOUR, settings);
    expect(openIn(world)).toEqual([]);
    expect(rowIn(world)).not.toHaveProperty('retry');
  },
);

describe('a run', () => {
  it('ends where the ledger lists nothing, and says so', async () => {
    const world = await dead(DEAD.stored);
    world.fault = (call) => (call === 'listDue' ? 'lost' : undefined);
    await tickIn(world, 0);
    expect(logged(world)).toContain('due-rows-unreadable');
    expect(stateOf(world)).toBe('minted');
  });

  it('begins no review after 90 seconds, and the next run goes on', async () => {
    const world = new World();
    const ids: string[] = [];
    for (let key = 0; key < 30; key++) {
      const { id } = await vended(world, { key: { kind: 'key', key: `${key}` } });
      await rotateIn(world, { id });
      ids.push(id);
    }
    await world.settled();
    world.pass(25 * HOUR + 1);
    const start = world.now;
    world.turn = async (call) => {
      if (call === 'deleteKey') world.pass(10_000);
    };
    await tick(world);
    expect(world.now - start).toBeLessThanOrEqual(110_000);
    expect(world.now - start).toBeGreaterThanOrEqual(90_000);
    const left = ids.filter((id) => rowIn(world, id).previous !== undefined);
    expect(left.length).toBeGreaterThan(10);
    for (let run = 0; run < 4; run++) await tickIn(world, MINUTE);
    expect(ids.filter((id) => rowIn(world, id).previous !== undefined)).toEqual([]);
  });

  it('goes on where one review shows a defect, and names its credential', async () => {
    const world = await dead(DEAD.stored);
    const other = await vended(world, { key: { kind: 'key', key: 'order-2' } });
    await rotateIn(world, { id: other.id });
    world.pass(25 * HOUR + 1);
    world.turn = async (call) => {
      if (call === 'listVersions') throw new Error('a defect');
    };
    await tick(world);
    expect(world.logs).toContainEqual({
      level: 'error',
      event: 'defect',
      credentialId: ID,
      stack: expect.stringMatching(/^at .*reconcile\.test\.ts/),
    });
    expect(rowIn(world, other.id)).not.toHaveProperty('previous');
    world.turn = async () => undefined;
    await tickIn(world, MINUTE);
    expect(stateOf(world)).toBe('vended');
  });

  it('reads one page after the other', async () => {
    const world = new World();
    for (let key = 0; key < 7; key++) {
      const { id } = await vended(world, { key: { kind: 'key', key: `${key}` } });
      await rotateIn(world, { id });
    }
    world.pass(25 * HOUR + 1);
    await reconcile(world.ctx('reconciler'), SETTINGS, { page: 2, concurrency: 1 });
    expect(world.confluent.live()).toHaveLength(7);
  });

  it('measures how late the oldest review is, and warns after ten minutes', async () => {
    const world = await dead(DEAD.stored);
    const telemetry = new RecordedTelemetry();
    const run = () => reconcile({ ...world.ctx('reconciler'), telemetry }, SETTINGS, BOUNDS);
    world.pass(15 * MINUTE);
    await run();
    await run();
    const late = telemetry.measurements.filter(({ instrument }) => instrument === 'vending.oldest_due');
    expect(late.map(({ value }) => value)).toEqual([15 * 60 + 0.001, 0]);
    expect(logged(world)).toContain('reviews-late');
  });

  it('does everything twice where two runs meet, without harm', async () => {
    const world = await dead(DEAD.stored);
    await Promise.all([tick(world), tick(world)]);
    expect(stateOf(world)).toBe('vended');
    expect(world.vault.enabled()).toEqual([newestVersion(world).tags['vend-key']]);
    expect(world.confluent.live()).toHaveLength(1);
  });
});
