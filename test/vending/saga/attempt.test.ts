import { describe, expect, it } from 'vitest';
import { expectAnswered, expectInvariants } from '../world/invariants.ts';
import type { Fault } from '../world/network.ts';
import {
  AFTER_LEASE,
  failing,
  faultsAt,
  ID,
  orCrash,
  rowIn,
  tick,
  typeOf,
  vendIn,
  withoutFaults,
} from '../world/steps.ts';
import { DEFAULT_TIMINGS } from '../world/timings.ts';
import { World } from '../world/world.ts';

const phaseIn = (world: World): string | undefined => rowIn(world).work?.phase;
const liveness = (world: World): boolean[] => world.confluent.keys.map(({ live }) => live);

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
    expect(phaseIn(world), 'it landed').toBe('minting');
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

describe('the POST', () => {
  it.each<[Fault, string, string | undefined]>([
    ['refused', 'upstream-throttled', undefined],
    ['lost', 'outcome-unknown', 'unknown'],
    ['unanswered', 'outcome-unknown', 'unknown'],
    ['late', 'outcome-unknown', 'unknown'],
  ])('that is %s is answered %s and recorded as %s', async (fault, problem, phase) => {
    const world = failing('mint', fault);
    const outcome = await vendIn(world);
    expect(typeOf(outcome)).toBe(problem);
    expect(phaseIn(world)).toBe(phase);
    world.pass(DEFAULT_TIMINGS.settleMs);
    expectInvariants(world, [outcome]);
  });

  it('without an answer is never sent again, however often it is asked for', async () => {
    const world = failing('mint', 'unanswered');
    const outcomes = [await vendIn(world), await vendIn(world)];
    world.pass(86_400_000);
    outcomes.push(await vendIn(world));
    expect(outcomes.map(typeOf)).toEqual(Array(3).fill('outcome-unknown'));
    expect(world.confluent.posts).toHaveLength(1);
    expect(JSON.stringify(outcomes[0]), 'the answer names the marker').toContain(
      world.confluent.posts[0]?.split(' ').at(-1),
    );
    expect(world.ledger.all('open')).toMatchObject([{ id: ID, reason: 'unknown' }]);
  });

  it('that was throttled is sent again only after the time that was asked for, with another marker', async () => {
    const world = failing('mint', 'refused');
    await vendIn(world);
    world.pass(6_999);
    expect(await vendIn(world)).toMatchObject({ problem: { type: 'upstream-throttled', retryAfterMs: 1 } });
    world.pass(1);
    expect(typeOf(await vendIn(world))).toBe('vended');
    expect(rowIn(world)).toMatchObject({ attempts: 2, current: { attempt: 2 } });
  });

  it('that minted a key without a secret has it deleted, and the next attempt vends', async () => {
    const world = new World();
    const { mintAs } = world.confluent;
    world.confluent.mintAs = (key) => ({ kind: 'no-secret', key, upstream: { service: 'arm', status: 200 } });
    expect(typeOf(await vendIn(world))).toBe('key-unusable');
    expect(liveness(world)).toEqual([false]);
    expect(world.vault.versions).toEqual([]);
    world.confluent.mintAs = mintAs;
    expect(typeOf(await vendIn(world))).toBe('vended');
  });

  it('that minted a key for an owner whom policy does not allow has it deleted, for good', async () => {
    const world = new World();
    world.confluent.owner = 'u-12345';
    expect(typeOf(await vendIn(world))).toBe('owner-not-allowed');
    expect(liveness(world)).toEqual([false]);
    world.confluent.owner = 'sa-wwn7mm';
    expect(typeOf(await vendIn(world))).toBe('owner-not-allowed');
    expect(world.confluent.posts).toHaveLength(1);
  });

  it('is not sent when the lease would not outlive it', async () => {
    const world = new World();
    world.turn = async (call) => {
      if (call === 'commit') world.now += 100_000;
    };
    expect(typeOf(await vendIn(world))).toBe('out-of-time');
    expect(world.confluent.posts).toEqual([]);
    expect(rowIn(world)).toMatchObject({ failure: { problem: { type: 'out-of-time' } } });
  });
});

describe('a ledger that fails after the mint', () => {
  it.each<[Fault, string]>([
    ['lost', 'vended'],
    ['unanswered', 'vended'],
    ['retried', 'vended'],
    ['late', 'vended'],
    ['refused', 'vended'],
    ['crash-before', 'nobody'],
    ['crash-after', 'nobody'],
  ])('when "minted" is %s: the answer is %s', async (fault, type) => {
    const world = failing('commit', fault, 2);
    const outcome = await orCrash(() => vendIn(world));
    expect(outcome === undefined ? 'nobody' : typeOf(outcome)).toBe(type);
    expectAnswered(world, outcome);
    expectInvariants(world, [outcome]);
  });

  it('and stays silent after the store leads neither to a deletion nor to the answer "vended"', async () => {
    const world = new World();
    world.fault = (call) =>
      world.calls.includes('store') && call !== 'store' && (call === 'commit' || call === 'read') ? 'lost' : undefined;
    const outcome = await vendIn(world);
    expect(typeOf(outcome)).toBe('not-yet-confirmed');
    expect(world.calls).not.toContain('deleteKey');
    expect(world.vault.versions[0]?.enabled).toBe(true);
    withoutFaults(world);
    world.pass(AFTER_LEASE);
    await tick(world);
    expect(await vendIn(world)).toMatchObject({ kind: 'vended', replayed: true });
  });

  it('is named in the log with its reason, and nothing changes', async () => {
    const world = failing('commit', 'refused');
    expect(typeOf(await vendIn(world))).toBe('ledger-unavailable');
    expect([...world.ledger.rows.keys()]).toEqual([]);
    const upstream = { service: 'ledger', status: 413, code: 'TooLarge' };
    expect(world.logs).toContainEqual({ level: 'error', event: 'commit-failed', credentialId: ID, upstream });
  });
});

it('faults on every call at once end in an answer and break nothing', async () => {
  const world = new World();
  world.fault = faultsAt({ commit: { 2: 'lost', 3: 'unanswered' }, store: { 1: 'unanswered' }, read: { 1: 'lost' } });
  const outcome = await vendIn(world);
  expect(typeOf(outcome)).toBe('vended');
  expectAnswered(world, outcome);
  expectInvariants(world, [outcome]);
});
