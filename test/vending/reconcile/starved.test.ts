import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { intentIdOf } from '../../../src/vending/model/idempotency.ts';
import { reconcile } from '../../../src/vending/reconcile/reconcile.ts';
import type { SagaPorts } from '../../../src/vending/saga/ports.ts';
import { vend } from '../../../src/vending/vend.ts';
import { HOUR, kindIn } from '../lifecycle.ts';
import { AFTER_LEASE, faultsAt, tick } from '../saga/steps.ts';
import { askOrCrash, COMMAND, orCrash, SETTINGS } from '../saga/vending.ts';
import { World } from '../saga/world.ts';

/** As in production: what a run takes is time. */
const BOUNDS = { batch: 200, concurrency: 4 };
const MINUTE = 60_000;

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => {
  vi.useRealTimers();
});

const askAs = (key: string) => orCrash(() => vend(world.ports(), SETTINGS, { ...COMMAND, key: { kind: 'key', key } }));
const idOf = (key: string): string => intentIdOf(COMMAND.caller.id, { kind: 'key', key });

interface SlowVault {
  readonly of: (intentId: string) => boolean;
  readonly takesMs: number;
  readonly answers: boolean;
}

/** The reconciler on a clock that goes by itself, where looking at some vault takes its time. */
function beside({ of, takesMs, answers }: SlowVault): SagaPorts {
  const ports = world.ports('reconciler');
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const findVersions: SagaPorts['vault']['findVersions'] = async (filter) => {
    if (!of(filter.intentId)) return ports.vault.findVersions(filter);
    await sleep(takesMs);
    return answers ? ports.vault.findVersions(filter) : { kind: 'unavailable', upstream: { service: 'vault' } };
  };
  return { ...ports, clock: { now: () => Date.now(), sleep }, vault: { ...ports.vault, findVersions } };
}

/** @returns how long the longest run took, in seconds. */
async function runs(ports: SagaPorts, count: number): Promise<number> {
  let longest = 0;
  for (let n = 0; n < count; n++) {
    const startedAt = Date.now();
    let ended = false;
    const run = reconcile(ports, BOUNDS).then(() => {
      ended = true;
    });
    while (!ended) await vi.advanceTimersByTimeAsync(1_000);
    await run;
    longest = Math.max(longest, (Date.now() - startedAt) / 1_000);
    await vi.advanceTimersByTimeAsync(MINUTE);
  }
  return longest;
}

/** Another team's request, behind all others, whose worker dies. */
async function another(): Promise<string> {
  world.fault = (call) => (call === 'store' ? 'crash-before' : undefined);
  await askAs('other');
  world.fault = () => undefined;
  return idOf('other');
}

it('keys minted for a vault that hangs hold up nobody behind them', async () => {
  world.fault = (call) => (call === 'store' ? 'lost' : undefined);
  for (let n = 0; n < 60; n++) await askAs(`hung-${n}`);
  const hung = new Set(world.rows.keys());
  world.now += 1;
  const other = await another();
  vi.useFakeTimers({ now: world.now + AFTER_LEASE });
  await runs(beside({ of: (id) => hung.has(id), takesMs: 10_000, answers: false }), 12);
  expect(kindIn(world, other)).toBe('failed');
});

it('a request that was tried often for a vault that hangs holds up nobody behind it', async () => {
  world.fault = (call) => (call === 'mint' ? 'refused' : undefined);
  for (let n = 0; n < 60; n++, world.now += 7_001) await askAs('throttled');
  const other = await another();
  vi.useFakeTimers({ now: world.now + HOUR });
  await runs(beside({ of: (id) => id === idOf('throttled'), takesMs: 10_000, answers: false }), 12);
  expect(kindIn(world, other)).toBe('failed');
});

it('a request that was tried often does not make a run outlast the host, and leaves nothing due', async () => {
  world.fault = (call) => (call === 'mint' ? 'refused' : undefined);
  for (let n = 0; n < 120; n++, world.now += 7_001) await askAs('throttled');
  world.fault = () => undefined;
  vi.useFakeTimers({ now: world.now + HOUR });
  expect(await runs(beside({ of: () => true, takesMs: 3_000, answers: true }), 3)).toBeLessThan(150);
  expect(world.due.size).toBe(1);
});

it('a stored key of which Confluent proves nothing is asked about ever less, and told', async () => {
  world.fault = faultsAt({ store: { 1: 'crash-after' } });
  await askOrCrash(world);
  world.fault = (call) => (call === 'getKey' || call === 'deleteKey' ? 'lost' : undefined);
  world.calls = [];
  for (let minute = 0; minute < 72 * 60; minute++, world.now += MINUTE) await tick(world);
  expect(world.calls.filter((call) => call === 'getKey').length).toBeLessThan(100);
  expect(world.logs.filter(({ event }) => event === 'left-undecided').length).toBeGreaterThan(60);
  world.fault = () => undefined;
  for (let minute = 0; minute <= 60; minute++, world.now += MINUTE) await tick(world);
  expect([...world.rows.values()][0]?.intent.state.kind).toBe('vended');
});

it('what any earlier attempt left in the vault goes out of force with one look', async () => {
  world.fault = faultsAt({ store: { 1: 'refused' }, mint: { 2: 'refused', 3: 'refused' } });
  for (let attempt = 1; attempt <= 4; attempt++, world.now += 7_001) await askAs('late');
  const [vended] = world.versions;
  if (vended === undefined) throw new Error('Nothing was stored.');
  const late = { ...vended, version: 'late', tags: { ...vended.tags, 'vend-attempt': '1' } };
  world.versions.unshift(late);
  world.now += HOUR;
  world.calls = [];
  await tick(world);
  expect([late.enabled, vended.enabled]).toEqual([false, true]);
  expect(world.due.size).toBe(0);
});
