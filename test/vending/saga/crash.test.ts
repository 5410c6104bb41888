import { describe, expect, it } from 'vitest';
import { expectInvariants } from '../world/invariants.ts';
import type { Call } from '../world/network.ts';
import { AFTER_LEASE, failing, ID, orCrash, tick, typeOf, vendIn, withoutFaults } from '../world/steps.ts';
import type { World } from '../world/world.ts';

const changesIn = (world: World, repeated?: true): string[] =>
  world.audit.flatMap((record) => ('change' in record && record.repeated === repeated ? [record.change] : []));
describe('a process that dies', () => {
  const CALLS: readonly (readonly [Call, number])[] = [
    ['commit', 1],
    ['mint', 1],
    ['commit', 2],
    ['store', 1],
    ['commit', 3],
  ];

  /** The end that the reconciler comes to, once lease and settling time are over. */
  const ENDS: Readonly<Record<string, string>> = {
    'commit 1 crash-before': 'nothing',
    'commit 1 crash-after': 'unknown',
    'mint 1 crash-before': 'unknown',
    'mint 1 crash-after': 'unknown',
    'commit 2 crash-before': 'unknown',
    'commit 2 crash-after': 'failed',
    'store 1 crash-before': 'failed',
    'store 1 crash-after': 'vended',
    'commit 3 crash-before': 'vended',
    'commit 3 crash-after': 'vended',
  };

  it.each(
    CALLS.flatMap(([call, nth]) =>
      (['crash-before', 'crash-after'] as const).map((fault) => [call, nth, fault] as const),
    ),
  )('at %s %i, %s, is followed by the reconciler', async (call, nth, fault) => {
    const world = failing(call, fault, nth);
    expect(await orCrash(() => vendIn(world))).toBeUndefined();
    expectInvariants(world);
    withoutFaults(world);
    for (let ticks = 0; ticks < 3; ticks++) {
      world.pass(AFTER_LEASE);
      await tick(world);
      expectInvariants(world);
    }
    const row = world.ledger.get(ID);
    const end = row?.current === undefined ? (row?.work?.phase ?? (row && 'failed') ?? 'nothing') : 'vended';
    expect(end).toBe(ENDS[`${call} ${nth} ${fault}`]);
    expect(typeOf(await vendIn(world))).toBe(end === 'unknown' ? 'outcome-unknown' : 'vended');
  });

  it('before it published anything leaves that to the reconciler', async () => {
    const world = failing('commit', 'crash-after', 3);
    await orCrash(() => vendIn(world));
    withoutFaults(world);
    expect(changesIn(world)).toEqual(['claimVend', 'recordMinted']);
    world.pass(60_000);
    await tick(world);
    await world.settled();
    expect(changesIn(world, true)).toEqual(['claimVend', 'recordMinted', 'recordVended']);
    expect(world.published.map(({ type }) => type)).toEqual(['confluent-key-vending.apikey.vended.v1']);
  });
});
