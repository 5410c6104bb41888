import type { Intent } from '../../../src/vending/intent.ts';
import { DEFAULT_TIMINGS } from '../../../src/vending/model/timings.ts';
import { reconcile } from '../../../src/vending/reconcile/reconcile.ts';
import type { VendOutcome } from '../../../src/vending/saga/outcome.ts';
import { BOUNDS } from './vending.ts';
import { type Call, type Fault, World } from './world.ts';

/** Until the reconciler may look at what was claimed now. */
export const AFTER_LEASE = DEFAULT_TIMINGS.leaseMs + DEFAULT_TIMINGS.settleMs + 1;

export const tick = (world: World): Promise<unknown> => reconcile(world.ports('reconciler'), BOUNDS);

/** Faults by call and its number, from 1. */
export function faultsAt(script: Partial<Record<Call, Readonly<Record<number, Fault>>>>): World['fault'] {
  const seen = new Map<Call, number>();
  return (call) => {
    const nth = (seen.get(call) ?? 0) + 1;
    seen.set(call, nth);
    return script[call]?.[nth];
  };
}

/** A world with a fault on the nth call of one kind. */
export function failing(call: Call, fault: Fault, nth = 1): World {
  const world = new World();
  world.fault = faultsAt({ [call]: { [nth]: fault } });
  return world;
}

/**
 * Runs a worker until it comes to the nth call of one kind, and holds it there.
 *
 * @returns what lets it go on, and gives what it comes to.
 */
export async function heldAt<T>(
  world: World,
  call: Call,
  nth: number,
  work: () => Promise<T>,
): Promise<() => Promise<T>> {
  const reached = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  let seen = 0;
  world.turn = async (name) => {
    if (name !== call) return;
    seen++;
    if (seen !== nth) return;
    reached.resolve();
    await gate.promise;
  };
  const worker = work();
  const ended = worker.then(() => Promise.reject(new Error(`The worker never came to ${call} number ${nth}.`)));
  await Promise.race([reached.promise, ended]);
  ended.catch(() => undefined);
  return () => {
    gate.resolve();
    return worker;
  };
}

/** ARM proves that it minted nothing, and that it never will for this request. */
export function refuseMints(world: World): void {
  world.mintAs = () => {
    world.keys.pop();
    return { kind: 'refused', reason: 'target-not-found', upstream: { service: 'arm', status: 404 } };
  };
}

/** ARM proves that it minted nothing: the owner has all the keys that it may have. */
export function exhaustQuota(world: World): void {
  world.mintAs = () => {
    world.keys.pop();
    return { kind: 'refused', reason: 'quota-exhausted', upstream: { service: 'arm', status: 402 } };
  };
}

export const typeOf = (outcome: VendOutcome): string =>
  outcome.kind === 'problem' ? outcome.problem.type : outcome.kind;
export const intentOf = (world: World): Intent | undefined => [...world.rows.values()][0]?.intent;
export const stateOf = (world: World): string | undefined => intentOf(world)?.state.kind;
export const liveKeys = (world: World): boolean[] => world.keys.map(({ live }) => live);
export const dueTimes = (world: World): number[] => [...world.due.values()].map(({ at }) => at.getTime());
