import { describe, expect, it } from 'vitest';
import { resolveCredential } from '../../../src/vending/commands/resolve.ts';
import { rowOf } from '../../../src/vending/model/rows.ts';
import { ABSENCE_PROVES_MS } from '../../../src/vending/model/timings.ts';
import { expectAnswered, expectInvariants, expectReadable } from '../world/invariants.ts';
import {
  AFTER_LEASE,
  currentKeyIn,
  faultsAt,
  heldAt,
  ID,
  rotateIn,
  rowIn,
  SETTINGS,
  tick,
  typeOf,
  vendIn,
  withoutFaults,
} from '../world/steps.ts';
import { World } from '../world/world.ts';

type Arrange = (world: World) => void;

const withFaults =
  (script: Parameters<typeof faultsAt>[0]): Arrange =>
  (world) => {
    world.fault = faultsAt(script);
  };

const mintWithoutSecret: Arrange = ({ confluent }) => {
  confluent.mintAs = (key) => ({ kind: 'no-secret', key, upstream: { service: 'arm', status: 200 } });
};

/** Lease and settling time pass, and the reconciler finds no trace of the attempt. */
async function loseTrace(world: World): Promise<void> {
  world.turn = async () => undefined;
  world.pass(AFTER_LEASE + ABSENCE_PROVES_MS);
  await tick(world);
  expect(rowIn(world).work?.phase).toBe('unknown');
}

/** An operator who does not see the held worker's key closes the attempt. */
const sayNone = (world: World) =>
  resolveCredential(world.ctx('operator'), SETTINGS, { id: ID, resolution: { decision: 'none' } });

/** A worker that sleeps longer than its lease, while the next attempt vends. */
async function overtake(world: World, arrange: Arrange, nthCommit: number) {
  arrange(world);
  const goOn = await heldAt(world, 'commit', nthCommit, () => vendIn(world));
  await loseTrace(world);
  expect((await sayNone(world)).kind).toBe('resolved');
  world.confluent.mintAs = new World().confluent.mintAs;
  const next = await vendIn(world);
  expect(typeOf(next)).toBe('vended');
  return { goOn, next };
}

describe('a worker that the next attempt overtook', () => {
  it.each<[string, Arrange, string]>([
    ['was throttled', withFaults({ mint: { 1: 'refused' } }), 'ledger-unavailable'],
    ['got no answer', withFaults({ mint: { 1: 'lost' } }), 'outcome-unknown'],
  ])('and %s leaves the row alone', async (_, arrange, answer) => {
    const world = new World();
    const { goOn, next } = await overtake(world, arrange, 2);
    const outcome = await goOn();
    expect(typeOf(outcome)).toBe(answer);
    expect(rowIn(world)).toMatchObject({ attempts: 2, current: { attempt: 2 } });
    expectAnswered(world, next);
    expectInvariants(world, [outcome]);
  });

  it.each<[string, Arrange]>([
    ['is about to record its key', () => undefined],
    ['got a key without its secret', mintWithoutSecret],
  ])(
    'and %s stores nothing, names its key in the log, and does not touch what the next one vended',
    async (_, arrange) => {
      const world = new World();
      const { goOn } = await overtake(world, arrange, 2);
      const [left = ''] = world.confluent.live();
      await goOn();
      const marker = world.confluent.posts[0];
      expect(world.logs).toContainEqual(
        expect.objectContaining({ level: 'error', event: 'key-not-discarded', apiKeyId: left, marker }),
      );
      expect(rowIn(world)).toMatchObject({ attempts: 2, current: { attempt: 2 } });
      expect(world.vault.versions).toHaveLength(1);
      expectReadable(world);
    },
  );
});

describe('a worker that the reconciler overtook', () => {
  it('does not write "vended" over the decision to delete its key', async () => {
    const world = new World();
    const goOn = await heldAt(world, 'commit', 3, () => vendIn(world));
    world.turn = async () => undefined;
    for (const key of world.confluent.keys) key.live = false;
    world.pass(AFTER_LEASE + ABSENCE_PROVES_MS);
    await tick(world);
    expect(rowIn(world).work?.phase).toBe(undefined);
    expect(typeOf(await goOn())).toBe('not-yet-confirmed');
    expect(rowIn(world).current).toBeUndefined();
    expect(world.vault.versions.map(({ enabled }) => enabled)).toEqual([false]);
    expectInvariants(world);
  });

  it('finds that its key was vended, and answers so', async () => {
    const world = new World();
    const goOn = await heldAt(world, 'commit', 3, () => vendIn(world));
    world.turn = async () => undefined;
    world.pass(AFTER_LEASE);
    await tick(world);
    const outcome = await goOn();
    expect(typeOf(outcome)).toBe('vended');
    expectAnswered(world, outcome);
    expect(world.confluent.keys).toHaveLength(1);
  });

  it('deletes the key of an attempt that was found unknown, even by a clock that is ahead, and stores nothing', async () => {
    const world = new World();
    const goOn = await heldAt(world, 'commit', 2, () => vendIn(world));
    await loseTrace(world);
    world.now -= AFTER_LEASE + ABSENCE_PROVES_MS;
    const outcome = await goOn();
    expect(typeOf(outcome)).toBe('ledger-unavailable');
    expect(world.calls).not.toContain('store');
    expect(world.confluent.live()).toEqual([]);
    const upstream = expect.objectContaining({ service: 'arm', status: 200 });
    expect(world.audit).toContainEqual(expect.objectContaining({ change: 'discardKey', upstream }));
    expect(rowIn(world).failure).toBeDefined();
    expectInvariants(world, [outcome]);
  });

  it('proves that nothing was minted for an attempt that was found unknown', async () => {
    const world = new World();
    world.fault = faultsAt({ mint: { 1: 'refused' } });
    const goOn = await heldAt(world, 'commit', 2, () => vendIn(world));
    await loseTrace(world);
    expect(typeOf(await goOn())).toBe('upstream-throttled');
    expect([rowIn(world).work, world.ledger.all('open')]).toEqual([undefined, []]);
  });
});

describe('a worker whose row somebody else wrote meanwhile', () => {
  it.each([1, 2, 3])('of a rotation, at commit %i: at most one key more', async (nth) => {
    const world = new World();
    await vendIn(world);
    const goOn = await heldAt(world, 'commit', nth, () => rotateIn(world, { key: 'r1' }));
    world.turn = async () => undefined;
    const other = await rotateIn(world, { key: 'r2' });
    const outcome = await goOn();
    expect([outcome, other].filter(({ kind }) => kind === 'vended')).toHaveLength(1);
    expect(world.confluent.live()).toHaveLength(2);
    expectInvariants(world, [outcome, other]);
  });

  it('goes on where the late commit was its own', async () => {
    const world = new World();
    world.fault = faultsAt({ commit: { 3: 'late' } });
    const goOn = await heldAt(world, 'read', 1, () => vendIn(world));
    world.pass(60_000);
    withoutFaults(world);
    expect(typeOf(await goOn())).toBe('vended');
    expect(rowIn(world).sequence).toBe(3);
  });
});

it('a claim that lands after its worker gave up is left to the reconciler, and mints nothing', async () => {
  const world = new World();
  world.fault = faultsAt({ commit: { 1: 'late' } });
  await vendIn(world);
  withoutFaults(world);
  world.pass(60_000);
  expect(world.confluent.posts).toEqual([]);
  await loseTrace(world);
  await sayNone(world);
  expect(typeOf(await vendIn(world))).toBe('vended');
  expect(world.confluent.live()).toEqual([currentKeyIn(world)]);
});

it('a due row that is left over is not removed on the word of a row that changed meanwhile', async () => {
  const world = new World();
  await vendIn(world);
  const leftOver = rowOf('due', { id: ID, at: world.now - 1 });
  world.ledger.rows.set(leftOver.key, { text: JSON.stringify(leftOver.value), etag: 'left' });
  const goOn = await heldAt(world, 'commit', 1, () => tick(world));
  world.turn = async () => undefined;
  await rotateIn(world);
  await goOn();
  expect(world.ledger.keys('due')).toHaveLength(2);
  await tick(world);
  expectInvariants(world);
});
