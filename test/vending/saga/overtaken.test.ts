import { describe, expect, it } from 'vitest';
import { PARKED_AT } from '../../../src/vending/intent.ts';
import { DEFAULT_TIMINGS } from '../../../src/vending/model/timings.ts';
import { resolveUnknown } from '../../../src/vending/operate/resolve.ts';
import type { VendOutcome } from '../../../src/vending/saga/outcome.ts';
import { expectInvariants } from './invariants.ts';
import {
  AFTER_LEASE,
  dueTimes,
  faultsAt,
  heldAt,
  intentOf,
  liveKeys,
  refuseMints,
  stateOf,
  tick,
  typeOf,
} from './steps.ts';
import { ask } from './vending.ts';
import { World } from './world.ts';

const CHOSEN = { secretName: 'orders-key' };

type Arrange = (world: World) => void;

const withFaults =
  (script: Parameters<typeof faultsAt>[0]): Arrange =>
  (world) => {
    world.fault = faultsAt(script);
  };

const mintWithoutSecret: Arrange = (world) => {
  world.mintAs = (key) => ({ kind: 'no-secret', key, upstream: { service: 'arm', status: 200 } });
};

/** Lease and settling time pass, and the reconciler finds no trace: nobody knows of the attempt any more. */
async function forgetAttempt(world: World): Promise<void> {
  world.pass(AFTER_LEASE);
  await tick(world);
  expect(stateOf(world)).toBe('unknown');
}

/** An operator who does not see the held worker's key closes the attempt, and the next one vends. */
async function vendNext(world: World): Promise<VendOutcome> {
  world.mintAs = new World().mintAs;
  await forgetAttempt(world);
  const closed = await resolveUnknown(world.ports('operator'), { intentId: intentOf(world)?.id ?? '', apiKeyId: null });
  expect(closed.kind).toBe('resolved');
  const outcome = await ask(world, CHOSEN);
  expect(intentOf(world)).toMatchObject({ attempt: 2, state: { kind: 'vended' } });
  return outcome;
}

describe('a worker that was overtaken by the next attempt', () => {
  it.each<[string, Arrange, string]>([
    ['was throttled', withFaults({ mint: { 1: 'refused' } }), 'ledger-unavailable'],
    ['was refused', refuseMints, 'ledger-unavailable'],
    ['got no answer', withFaults({ mint: { 1: 'lost' } }), 'outcome-unknown'],
  ])('and %s leaves the row and its name alone', async (_, arrange, told) => {
    const world = new World();
    arrange(world);
    const goOn = await heldAt(world, 'replace', 1, () => ask(world, CHOSEN));
    const outcomes = [await vendNext(world), await goOn()];
    expect(outcomes.map(typeOf)).toEqual(['vended', told]);
    expect(intentOf(world)).toMatchObject({ attempt: 2, state: { kind: 'vended' } });
    expect(world.names.size, 'the name is the next attempt’s').toBe(1);
    expectInvariants(world, outcomes);
  });

  it.each<[string, Arrange, number]>([
    ['is about to record its key', () => undefined, 1],
    ['got a key without its secret', mintWithoutSecret, 1],
    [
      'could not record its key, and the vault refused the secret',
      withFaults({ replace: { 1: 'lost' }, read: { 2: 'lost' }, store: { 1: 'refused' } }),
      2,
    ],
  ])('and %s deletes that key; what the next one vended stays', async (_, arrange, nthReplace) => {
    const world = new World();
    arrange(world);
    const goOn = await heldAt(world, 'replace', nthReplace, () => ask(world, CHOSEN));
    const outcomes = [await vendNext(world), await goOn()];
    expect(intentOf(world)).toMatchObject({ attempt: 2, state: { kind: 'vended' } });
    expect(liveKeys(world)).toEqual([false, true]);
    expectInvariants(world, outcomes);
  });

  it('while it gives up its key does not write over it', async () => {
    const world = new World();
    const { mintAs } = world;
    world.mintAs = (...minted) => {
      world.now += 115_000;
      return mintAs(...minted);
    };
    const goOn = await heldAt(world, 'replace', 2, () => ask(world));
    world.mintAs = mintAs;
    world.now += 100_000;
    await tick(world);
    expect(stateOf(world)).toBe('failed');
    world.fault = (call) => (call === 'mint' ? 'unanswered' : undefined);
    const outcomes = [await ask(world), await goOn()];
    expect(intentOf(world)).toMatchObject({ attempt: 2, state: { kind: 'unknown' } });
    expectInvariants(world, outcomes);
  });
});

describe('a worker that was overtaken by the reconciler', () => {
  it('does not write "vended" over the decision to delete its key', async () => {
    const world = new World();
    const goOn = await heldAt(world, 'replace', 2, () => ask(world));
    for (const key of world.keys) key.live = false;
    world.pass(AFTER_LEASE);
    await tick(world);
    expect(stateOf(world), 'the 404 is too young').toBe('compensating');
    expect(typeOf(await goOn())).toBe('not-yet-confirmed');
    expect(stateOf(world)).toBe('compensating');
    expect(world.versions.map(({ enabled }) => enabled)).toEqual([false]);
  });

  it('gives up the key of an attempt that was found unknown, even by a clock that is ahead, and stores nothing', async () => {
    const world = new World();
    const goOn = await heldAt(world, 'replace', 1, () => ask(world));
    await forgetAttempt(world);
    world.now -= AFTER_LEASE;
    const outcome = await goOn();
    expect(typeOf(outcome)).toBe('ledger-unavailable');
    expect(world.calls).not.toContain('store');
    expect(liveKeys(world)).toEqual([false]);
    expect(stateOf(world)).toBe('failed');
    expectInvariants(world, [outcome]);
  });
});

describe('a row that was put aside for an operator', () => {
  /** The reconciler finds the attempt unknown, and in its next run puts it aside. */
  async function park(world: World): Promise<void> {
    await forgetAttempt(world);
    await tick(world);
    expect(dueTimes(world)).toEqual([PARKED_AT]);
  }

  /** Due again, at a time that comes, and nowhere else. */
  function expectDueAgain(world: World): void {
    expect(intentOf(world)?.dueAt).toBe(world.now + DEFAULT_TIMINGS.settleMs);
    expect(dueTimes(world)).toEqual([intentOf(world)?.dueAt]);
  }

  it('comes due again when the worker proves that nothing was minted', async () => {
    const world = new World();
    world.fault = faultsAt({ mint: { 1: 'refused' } });
    const goOn = await heldAt(world, 'replace', 1, () => ask(world));
    await park(world);
    expect(typeOf(await goOn())).toBe('upstream-throttled');
    expect(stateOf(world)).toBe('failed');
    expectDueAgain(world);
  });

  it('comes due again when the worker holds a key, until that is deleted', async () => {
    const world = new World();
    const goOn = await heldAt(world, 'replace', 1, () => ask(world));
    await park(world);
    world.fault = (call) => (call === 'deleteKey' ? 'lost' : undefined);
    await goOn();
    expect(stateOf(world)).toBe('compensating');
    expectDueAgain(world);
    world.fault = () => undefined;
    world.pass(DEFAULT_TIMINGS.settleMs + 1);
    await tick(world);
    expect([stateOf(world), liveKeys(world)]).toEqual(['failed', [false]]);
    expectInvariants(world, []);
  });

  it('stays aside where the new time cannot be noted', async () => {
    const world = new World();
    world.fault = faultsAt({ mint: { 1: 'refused' } });
    const goOn = await heldAt(world, 'replace', 1, () => ask(world));
    await park(world);
    world.fault = (call) => (call === 'noteDue' ? 'lost' : undefined);
    expect(typeOf(await goOn())).toBe('ledger-unavailable');
    expect(intentOf(world)).toMatchObject({ state: { kind: 'unknown' }, dueAt: PARKED_AT });
    expect(dueTimes(world)).toEqual([PARKED_AT]);
  });
});

describe('a silent ledger', () => {
  it('after a refused store gets no delete: the row may have gone on', async () => {
    const world = new World();
    world.fault = faultsAt({ store: { 1: 'refused' }, replace: { 2: 'lost' }, read: { 2: 'lost' } });
    expect(typeOf(await ask(world))).toBe('vault-unavailable');
    expect(world.calls).not.toContain('deleteKey');
    expect([stateOf(world), liveKeys(world)]).toEqual(['minted', [true]]);
  });

  it('after a refused POST is told: the refusal was not recorded', async () => {
    const world = new World();
    world.fault = faultsAt({ mint: { 1: 'refused' }, replace: { 1: 'lost' }, read: { 2: 'lost' } });
    expect(typeOf(await ask(world))).toBe('ledger-unavailable');
    expect(stateOf(world)).toBe('minting');
  });
});

describe('a key whose delete Confluent refused', () => {
  it('is not vended any more by the worker that still holds it', async () => {
    const world = new World();
    const goOn = await heldAt(world, 'replace', 2, () => ask(world));
    const [row] = world.rows.values();
    if (row === undefined) throw new Error('There is no row.');
    const state = { kind: 'unknown', leaseUntil: row.intent.dueAt, keyId: String(world.keys[0]?.record.id) } as const;
    world.rows.set(row.intent.id, { intent: { ...row.intent, state, writeId: 'refused' }, etag: 'refused' });
    expect(typeOf(await goOn())).toBe('not-yet-confirmed');
    expect(intentOf(world)?.state).toEqual(state);
    expect(world.versions.map(({ enabled }) => enabled)).toEqual([false]);
  });
});
