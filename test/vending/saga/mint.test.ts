import { describe, expect, it } from 'vitest';
import { leaseCovers } from '../../../src/vending/saga/mint.ts';
import { workOf } from '../model/credentials.ts';
import { expectInvariants } from '../world/invariants.ts';
import type { Fault } from '../world/network.ts';
import { failing, faultsAt, ID, rowIn, typeOf, vendIn } from '../world/steps.ts';
import { DEFAULT_TIMINGS } from '../world/timings.ts';
import { World } from '../world/world.ts';

const phaseIn = (world: World): string | undefined => rowIn(world).work?.phase;
const liveness = (world: World): boolean[] => world.confluent.keys.map(({ live }) => live);

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

  it('that was refused, which the ledger could not record, is answered so: nothing was minted', async () => {
    const world = new World();
    world.fault = faultsAt({ mint: { 1: 'refused' }, commit: { 2: 'lost', 3: 'lost', 4: 'lost', 5: 'lost' } });
    expect(await vendIn(world)).toMatchObject({
      problem: { type: 'ledger-unavailable', detail: expect.stringContaining('Nothing was minted') },
    });
  });

  it('that was not sent is answered so, and may be asked for again in five seconds', async () => {
    const world = new World();
    const { mintAs } = world.confluent;
    world.confluent.mintAs = () => ({ kind: 'not-sent', upstream: { service: 'arm', code: 'ECONNREFUSED' } });
    expect(await vendIn(world)).toMatchObject({ problem: { type: 'upstream-unreachable', retryAfterMs: 5_000 } });
    world.confluent.mintAs = mintAs;
    world.pass(5_000);
    expect(typeOf(await vendIn(world))).toBe('vended');
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
    const upstream = { service: 'arm', status: 200 };
    expect(world.audit).toContainEqual(expect.objectContaining({ change: 'discardKey', upstream }));
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

  it('is sent while its deadline and the margin fit into the lease, to the millisecond', () => {
    const ctx = new World().ctx();
    const { mintDeadlineMs, marginMs } = DEFAULT_TIMINGS;
    const fits = (leaseMs: number): boolean =>
      leaseCovers(ctx, workOf({ leaseUntil: ctx.clock.now() + leaseMs }), mintDeadlineMs);
    expect([fits(mintDeadlineMs + marginMs), fits(mintDeadlineMs + marginMs - 1)]).toEqual([true, false]);
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
