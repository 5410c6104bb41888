import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/vending/commands/outcome.ts';
import { rowKey } from '../../../src/vending/model/rows.ts';
import type { Call } from '../world/network.ts';
import {
  DAY,
  failing,
  ID,
  rotateIn,
  rowIn,
  SETTINGS,
  typeOf,
  vendIn,
  withoutFaults,
  withRule,
} from '../world/steps.ts';
import { VAULT, World } from '../world/world.ts';
import { vendTrial } from './trials.ts';

const ELSEWHERE = 'https://elsewhere.vault.azure.net';

async function vendedWorld(): Promise<World> {
  const world = new World();
  await vendIn(world);
  await world.settled();
  return world;
}

/** The first attempt was throttled, and may be repeated. */
async function throttledWorld(): Promise<World> {
  const world = failing('mint', 'refused');
  await vendIn(world);
  await world.settled();
  world.pass(DAY);
  return world;
}

/** A key that failed to be stored has to be deleted, and Confluent does not answer. */
async function compensatingWorld(prepare: (world: World) => Promise<unknown>): Promise<World> {
  const world = new World();
  await prepare(world);
  world.vault.refuseStores = 'transient';
  world.fault = (call) => (call === 'deleteKey' ? 'lost' : undefined);
  return world;
}

const countOf = (world: World, call: Call): number => world.calls.filter((each) => each === call).length;

type Asked = readonly [string, () => Promise<World>, (world: World) => Promise<Outcome>];
const VEND: Asked = ['vend', throttledWorld, (world) => vendIn(world)];
const ROTATION: Asked = ['rotation', vendedWorld, (world) => rotateIn(world)];

describe.each([VEND, ROTATION])('a %s', (_, scene, ask) => {
  it('claims four times at most where others write the row meanwhile', async () => {
    const world = await scene();
    const key = rowKey('credential', ID);
    const { text = '' } = world.ledger.rows.get(key) ?? {};
    world.turn = async (call) => {
      if (call === 'commit') world.ledger.rows.set(key, { text, etag: world.id('theirs') });
    };
    world.calls = [];
    expect(typeOf(await ask(world))).toBe('request-in-progress');
    expect(countOf(world, 'commit')).toBe(4);
    expect(countOf(world, 'mint')).toBe(0);
  });

  it('claims nothing while ARM has it wait, and says how long', async () => {
    const world = await scene();
    world.confluent.throttledMs = 1;
    world.calls = [];
    expect(await ask(world)).toMatchObject({ problem: { type: 'upstream-throttled', retryAfterMs: 1 } });
    expect(countOf(world, 'commit')).toBe(0);
  });

  it('is no replay, and its failure names its attempt', async () => {
    expect(await ask(await scene())).toMatchObject({ kind: 'vended', replayed: false });
    const world = await scene();
    world.vault.refuseStores = 'transient';
    expect(await ask(world)).toMatchObject({ problem: { type: 'vault-unavailable' }, attempt: 2 });
  });

  it('may be repeated as soon as a failure lets it, and before says when', async () => {
    const world = await scene();
    world.fault = (call) => (call === 'mint' ? 'refused' : undefined);
    await ask(world);
    withoutFaults(world);
    const retryAfterMs = (rowIn(world).failure?.retryAt ?? 0) - world.now;
    expect(retryAfterMs).toBeGreaterThan(1);
    expect(await ask(world)).toMatchObject({ problem: { type: 'upstream-throttled', retryAfterMs } });
    world.pass(retryAfterMs - 1);
    expect(await ask(world)).toMatchObject({ problem: { retryAfterMs: 1 } });
    world.pass(1);
    expect(typeOf(await ask(world))).toBe('vended');
  });
});

it.each<[string, (world: World) => Promise<unknown>, (world: World) => Promise<Outcome>]>([
  ['vend', async () => undefined, (world) => vendIn(world)],
  ['rotation', (world) => vendIn(world), (world) => rotateIn(world)],
])('a %s tries once to delete the key of the attempt before', async (_, prepare, ask) => {
  const world = await compensatingWorld(prepare);
  await ask(world);
  world.calls = [];
  expect(typeOf(await ask(world))).toBe('request-in-progress');
  expect(countOf(world, 'deleteKey')).toBe(1);
});

describe('what is answered of an earlier attempt', () => {
  it('names it, in a trial too', async () => {
    const world = failing('mint', 'refused');
    await vendIn(world);
    expect(await vendIn(world)).toMatchObject({ attempt: 1 });
    expect(await vendTrial(world)).toMatchObject({ attempt: 1 });
    world.pass(DAY);
    world.vault.isWritable = false;
    expect(await vendIn(world)).toMatchObject({ problem: { type: 'vault-unavailable' }, attempt: 1 });
  });

  it('names one whose key is being deleted', async () => {
    const world = await compensatingWorld(async () => undefined);
    await vendIn(world);
    withoutFaults(world);
    expect(await vendTrial(world)).toMatchObject({ problem: { type: 'request-in-progress' }, attempt: 1 });
  });

  it('is pause where the service is paused, however long the attempt has to wait', async () => {
    const world = failing('mint', 'refused');
    await vendIn(world);
    expect(typeOf(await vendIn(world, { settings: { ...SETTINGS, mode: 'paused' } }))).toBe('paused');
  });
});

describe('a first vend', () => {
  it('does not read: its claim is the look-up', async () => {
    const world = new World();
    await vendIn(world);
    expect(world.calls[0]).toBe('commit');
  });

  it.each<[string, (world: World) => Parameters<typeof vendIn>[1]]>([
    ['a chosen name', () => ({ request: { secretName: 'orders-main' } })],
    [
      'a subscription that is throttled',
      (world) => {
        world.confluent.throttledMs = 5_000;
        return {};
      },
    ],
    [
      'a vault that nobody wrote to lately',
      (world) => {
        world.vault.provenAt.clear();
        return {};
      },
    ],
    ['a paused service', () => ({ settings: { ...SETTINGS, mode: 'paused' } })],
  ])('reads first with %s, so that a repetition does not depend on it', async (_, prepare) => {
    const world = new World();
    await vendIn(world, prepare(world));
    expect(world.calls[0]).toBe('read');
  });
});

describe('a sweep that is to come', () => {
  const request = { secretName: 'orders-main' };
  /** The first attempt may have left a version. */
  async function unsweptWorld(): Promise<World> {
    const world = failing('store', 'refused');
    await vendIn(world, { request });
    withoutFaults(world);
    return world;
  }
  const waitIn = (world: World): number => (rowIn(world).sweepAt ?? 0) - world.now;

  it('is waited for where the secret would go to another vault: a minute at least', async () => {
    const world = await unsweptWorld();
    const ask = () => vendIn(world, { request, settings: withRule({ vaultUrl: ELSEWHERE }) });
    expect(waitIn(world)).toBeGreaterThan(60_000);
    expect(await ask()).toMatchObject({ problem: { type: 'request-in-progress', retryAfterMs: waitIn(world) } });
    world.pass(waitIn(world) - 1_000);
    expect(await ask()).toMatchObject({ problem: { retryAfterMs: 60_000 } });
  });

  it.each([
    ['the vend', (world: World) => vendIn(world, { request })],
    ['its trial', (world: World) => vendTrial(world, request)],
  ])('is waited for by %s where a version has the name: it may be of the attempt before', async (_, ask) => {
    const world = await unsweptWorld();
    world.vault.add(world, { vaultUrl: VAULT, name: 'orders-main' });
    const problem = { type: 'request-in-progress', retryAfterMs: waitIn(world) };
    expect(await ask(world)).toMatchObject({ problem, attempt: 1 });
    world.pass(waitIn(world) - 1_000);
    expect(await ask(world)).toMatchObject({ problem: { retryAfterMs: 60_000 } });
  });
});
