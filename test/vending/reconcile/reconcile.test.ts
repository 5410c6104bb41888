import { describe, expect, it } from 'vitest';
import { type Intent, PARKED_AT } from '../../../src/vending/intent.ts';
import { DEFAULT_TIMINGS } from '../../../src/vending/model/timings.ts';
import { reconcile } from '../../../src/vending/reconcile/reconcile.ts';
import { expectInvariants } from '../saga/invariants.ts';
import { AFTER_LEASE, failing, intentOf, stateOf, tick } from '../saga/steps.ts';
import { ask, askOrCrash } from '../saga/vending.ts';
import { type Call, type Fault, World } from '../saga/world.ts';

/** A worker that met one fault; long after. */
async function abandoned(call: Call, fault: Fault, nth = 1): Promise<World> {
  const world = failing(call, fault, nth);
  await askOrCrash(world);
  world.fault = () => undefined;
  world.pass(AFTER_LEASE);
  return world;
}

const liveKeys = (world: World): number => world.keys.filter(({ live }) => live).length;

describe('an intent whose worker died', () => {
  it.each<[string, Call, Fault, number, string, number]>([
    ['before the POST', 'mint', 'crash-before', 1, 'unknown', 0],
    ['after the POST', 'mint', 'crash-after', 1, 'unknown', 1],
    ['before recording the key', 'replace', 'crash-before', 1, 'unknown', 1],
    ['after recording the key', 'replace', 'crash-after', 1, 'failed', 0],
    ['before the store', 'store', 'crash-before', 1, 'failed', 0],
    ['after the store', 'store', 'crash-after', 1, 'vended', 1],
    ['before recording vended', 'replace', 'crash-before', 2, 'vended', 1],
    ['after recording vended', 'replace', 'crash-after', 2, 'vended', 1],
    ['while the store lands late', 'store', 'late', 1, 'vended', 1],
  ])('%s ends as it must', async (_, call, fault, nth, kind, live) => {
    const world = await abandoned(call, fault, nth);
    await tick(world);
    expect(stateOf(world)).toBe(kind);
    expect(liveKeys(world)).toBe(live);
    expectInvariants(world, []);
  });

  it('is left alone while its lease runs', async () => {
    const world = await abandoned('store', 'crash-before');
    world.now -= 2;
    await tick(world);
    expect(stateOf(world)).toBe('minted');
  });

  it('with its secret stored and only the vault knowing the key is vended with the whole record', async () => {
    const world = new World();
    world.fault = (call) => (call === 'replace' ? 'lost' : undefined);
    await ask(world);
    expect(stateOf(world)).toBe('minting');
    world.fault = () => undefined;
    world.now += AFTER_LEASE;
    await tick(world);
    const outcome = await ask(world);
    expect(outcome).toMatchObject({ kind: 'vended', replayed: true });
    expect(intentOf(world)?.state).toMatchObject({ key: world.keys[0]?.record });
  });

  it.each<Call>(['findVersions', 'getKey'])('is not judged by a failed %s', async (call) => {
    const world = await abandoned('store', 'crash-after');
    world.fault = (name) => (name === call ? 'lost' : undefined);
    await tick(world);
    expect(stateOf(world)).toBe('minted');
    world.fault = () => undefined;
    await tick(world);
    expect(stateOf(world)).toBe('vended');
  });

  it('and whose stored key was deleted in Confluent meanwhile is given up, its version out of force', async () => {
    const world = await abandoned('store', 'crash-after');
    for (const key of world.keys) key.live = false;
    await tick(world);
    world.now += 60_000;
    await tick(world);
    expect(stateOf(world)).toBe('failed');
    expect(world.versions.map(({ enabled }) => enabled)).toEqual([false]);
  });
});

describe('what is unknown', () => {
  it('is parked for operators and does not come due again', async () => {
    const world = await abandoned('mint', 'unanswered');
    await tick(world);
    expect(intentOf(world)?.dueAt).toBe(PARKED_AT);
    expect([...world.due.values()].map(({ at }) => at.getTime())).toEqual([PARKED_AT]);
    world.calls = [];
    world.now += 365 * 86_400_000;
    await tick(world);
    expect(world.calls).toEqual(['listDue']);
  });
});

describe('what failed', () => {
  it('is forgotten after its time, with its claim on the name, and not before', async () => {
    const world = new World();
    world.fault = (call) => (call === 'mint' ? 'refused' : undefined);
    await ask(world, { secretName: 'orders-key' });
    world.fault = () => undefined;
    world.now += AFTER_LEASE;
    await tick(world);
    world.now += DEFAULT_TIMINGS.retentionMs - AFTER_LEASE - 1;
    await tick(world);
    expect(world.rows.size).toBe(1);
    world.now += 1 + AFTER_LEASE;
    await tick(world);
    expect([world.rows.size, world.names.size, world.due.size]).toEqual([0, 0, 0]);
  });

  it('is swept of a version that landed late before it rests', async () => {
    const world = await abandoned('store', 'refused');
    const { id, attempt, secretName } = intentOf(world) as Intent;
    const tags = { 'vend-intent': id, 'vend-attempt': String(attempt), 'vend-key': String(world.keys[0]?.record.id) };
    world.versions.push({ name: secretName, version: 'late', value: 'x', tags, enabled: true });
    await tick(world);
    expect(world.versions.map(({ enabled }) => enabled)).toEqual([false]);
    expect(intentOf(world)?.state).not.toHaveProperty('sweepAt');
  });

  it('never includes what is vended: it stays for good', async () => {
    const world = new World();
    await ask(world);
    world.now += 10 * DEFAULT_TIMINGS.retentionMs;
    await tick(world);
    expect(stateOf(world)).toBe('vended');
  });
});

describe('a name whose intent never came', () => {
  it('is released', async () => {
    const world = new World();
    world.fault = (call) => (call === 'insert' ? 'crash-before' : undefined);
    await expect(ask(world, { secretName: 'orders-key' })).rejects.toThrow();
    world.fault = () => undefined;
    world.now += AFTER_LEASE;
    await tick(world);
    expect(world.names.size, 'the intent may still come').toBe(1);
    world.now += 3 * AFTER_LEASE;
    await tick(world);
    expect([world.names.size, world.due.size]).toEqual([0, 0]);
  });
});

describe('the batch', () => {
  it('bounds what one run looks at; the rest waits for the next', async () => {
    const world = new World();
    for (let n = 0; n < 5; n++) {
      const at = new Date(world.now + n);
      world.due.set(`${at.toISOString()}_${n}`, { intentId: String(n), at });
    }
    world.now += 1_000_000;
    await reconcile(world.ports('reconciler'), { batch: 3, concurrency: 2 });
    expect(world.due.size).toBe(2);
  });
});
