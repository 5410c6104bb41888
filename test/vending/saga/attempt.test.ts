import { describe, expect, it } from 'vitest';
import { expectAnswered, expectInvariants } from '../world/invariants.ts';
import type { Fault } from '../world/network.ts';
import { AFTER_LEASE, failing, faultsAt, ID, orCrash, tick, typeOf, vendIn, withoutFaults } from '../world/steps.ts';
import { World } from '../world/world.ts';

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

  it('is not asked a second time whether "minted" took effect: the lease runs', async () => {
    const world = failing('commit', 'lost', 2);
    await vendIn(world);
    expect(world.calls.filter((call) => call === 'commit')).toHaveLength(3);
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
