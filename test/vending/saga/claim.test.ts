import { describe, expect, it } from 'vitest';
import { vend } from '../../../src/vending/commands/vend.ts';
import { expectAnswered, expectInvariants } from '../world/invariants.ts';
import type { Fault } from '../world/network.ts';
import {
  CALLER,
  failing,
  faultsAt,
  ID,
  KEY,
  orCrash,
  REQUEST,
  rowIn,
  SETTINGS,
  typeOf,
  vendIn,
} from '../world/steps.ts';
import { DEFAULT_TIMINGS } from '../world/timings.ts';
import { World } from '../world/world.ts';

describe('the claim', () => {
  it.each<[Fault, string, number]>([
    ['lost', 'ledger-unavailable', 0],
    ['late', 'ledger-unavailable', 0],
    ['refused', 'ledger-unavailable', 0],
    ['unanswered', 'vended', 1],
    ['retried', 'vended', 1],
  ])('that is %s ends in %s', async (fault, type, posts) => {
    const world = failing('commit', fault);
    const outcome = await vendIn(world);
    expect(typeOf(outcome)).toBe(type);
    expect(world.confluent.posts).toHaveLength(posts);
    world.pass(DEFAULT_TIMINGS.settleMs);
    expectInvariants(world, [outcome]);
  });

  it('is not repeated by a worker whose own claim may still land', async () => {
    const world = failing('commit', 'late');
    await vendIn(world);
    world.pass(DEFAULT_TIMINGS.settleMs);
    expect(rowIn(world).work?.phase, 'it landed').toBe('minting');
    expect(typeOf(await vendIn(world))).toBe('request-in-progress');
    expect(world.confluent.posts).toEqual([]);
  });

  it('comes due when its lease is over and what it sent has settled', async () => {
    const world = failing('mint', 'crash-before');
    await orCrash(() => vendIn(world));
    const dueAt = world.now + DEFAULT_TIMINGS.leaseMs + DEFAULT_TIMINGS.settleMs;
    expect(world.ledger.all('due')).toEqual([{ id: ID, at: dueAt }]);
  });

  it('of another worker is answered with a time to come back', async () => {
    const world = failing('mint', 'crash-before');
    await orCrash(() => vendIn(world));
    expect(await vendIn(world)).toMatchObject({ problem: { type: 'request-in-progress', retryAfterMs: 2_000 } });
  });
});

describe('a claim without an answer', () => {
  it.each([
    ['at once', {}],
    ['at the second look', { 1: 'lost' }],
    ['at the third look', { 1: 'lost', 2: 'lost' }],
  ] as const)('that is found %s goes on: nobody has to decide about it', async (_, read) => {
    const world = new World();
    world.fault = faultsAt({ commit: { 1: 'unanswered' }, read });
    const outcome = await vendIn(world);
    expect(typeOf(outcome)).toBe('vended');
    expectAnswered(world, outcome);
    expectInvariants(world, [outcome]);
  });

  it('that lands a moment later is found as well', async () => {
    const world = failing('commit', 'late');
    world.turn = async (call) => {
      if (call !== 'read' || world.calls.filter((each) => each === 'read').length < 2) return;
      const { late } = world;
      world.late = [];
      for (const { effect } of late) effect();
    };
    const outcome = await vendIn(world);
    expect(typeOf(outcome)).toBe('vended');
    expect(world.confluent.posts).toHaveLength(1);
    expectInvariants(world, [outcome]);
  });

  it('is looked for three times, and nothing is sent where nobody confirms it', async () => {
    const world = new World();
    const start = world.now;
    world.fault = (call) => (call === 'commit' || call === 'read' ? 'lost' : undefined);
    expect(typeOf(await vendIn(world))).toBe('ledger-unavailable');
    expect(world.calls).toEqual(['commit', 'read', 'read', 'read']);
    expect(world.now - start).toBe(2_500);
    expect(world.confluent.posts).toEqual([]);
  });
});

describe('the lease', () => {
  it('lasts no longer than the invocation, which the host ends', async () => {
    const world = new World();
    world.timeLeft = 100_000;
    const start = world.now;
    world.fault = faultsAt({ mint: { 1: 'crash-after' } });
    await expect(vendIn(world)).rejects.toThrow();
    expect(rowIn(world).work?.leaseUntil).toBe(start + 100_000);
  });

  it('lasts its time where the invocation has more', async () => {
    const world = failing('mint', 'crash-after');
    await expect(vendIn(world)).rejects.toThrow();
    expect(rowIn(world).work?.leaseUntil).toBe(world.now + DEFAULT_TIMINGS.leaseMs);
  });

  it('that an invocation has too little time for begins no POST', async () => {
    const world = new World();
    world.timeLeft = DEFAULT_TIMINGS.mintDeadlineMs + DEFAULT_TIMINGS.marginMs - 1;
    expect(typeOf(await vendIn(world))).toBe('out-of-time');
    expect(world.confluent.posts).toEqual([]);
  });
});

it.each<[string, (world: World) => void]>([
  [
    'a defect while the claim is made',
    () => {
      throw new Error('a defect');
    },
  ],
  [
    'a lease that a POST would outlive',
    (world) => {
      world.now += 100_000;
    },
  ],
])('%s closes the connection that was opened for the POST', async (_, happens) => {
  const world = new World();
  const ctx = world.ctx();
  let discarded = 0;
  const openMintConnection = () => {
    const connection = ctx.confluent.openMintConnection();
    return { ...connection, discard: () => void discarded++ };
  };
  world.turn = async (call) => {
    if (call === 'commit') happens(world);
  };
  const command = { caller: CALLER, key: KEY, request: REQUEST };
  const confluent = { ...ctx.confluent, openMintConnection };
  await vend({ ...ctx, confluent }, SETTINGS, command).catch(() => undefined);
  expect([discarded, world.confluent.posts]).toEqual([1, []]);
});
