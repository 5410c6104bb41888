import type { Resolution } from '../../../src/vending/commands/resolution.ts';
import { type Resolved, resolveCredential } from '../../../src/vending/commands/resolve.ts';
import type { Call, Fault } from '../world/network.ts';
import {
  about,
  DAY,
  faultsAt,
  HOUR,
  ID,
  orCrash,
  rotateIn,
  SETTINGS,
  tick,
  vendIn,
  withoutFaults,
} from '../world/steps.ts';
import { World } from '../world/world.ts';

/** The operator says this of the credential. */
export const resolveIn = (world: World, resolution: Resolution): Promise<Resolved> =>
  about(ID, resolveCredential(world.ctx('operator'), SETTINGS, { id: ID, resolution }));

/** The problem that an operator reads, or what the word came to. */
export const resultOf = (resolved: Resolved): string =>
  resolved.kind === 'problem' ? resolved.problem.type : resolved.kind;

export const detailOf = (resolved: Resolved): string => (resolved.kind === 'problem' ? resolved.problem.detail : '');

export const effectOf = (resolved: Resolved): string | undefined =>
  resolved.kind === 'previewed' ? resolved.preview.effect : undefined;

/** Every call of these kinds has this fault. */
export function failAll(world: World, fault: Fault, ...calls: readonly Call[]): void {
  world.fault = (call) => (calls.includes(call) ? fault : undefined);
}

/** Every call to this vault, which does not exist any more. */
export const loseVault = (world: World): void =>
  failAll(world, 'lost', 'listVersions', 'disableVersion', 'proveWritable', 'store', 'lookUpName');

export async function ticksIn(world: World, count: number, pause = 300_000): Promise<void> {
  for (let run = 0; run < count; run++) {
    world.pass(pause);
    await tick(world);
    await world.settled();
  }
}

export const lastKeyIn = (world: World): string => world.confluent.keys.at(-1)?.record.id ?? '';

/** A credential with one key. */
export async function vendedWorld(): Promise<World> {
  const world = new World();
  await vendIn(world);
  await world.settled();
  world.pass(DAY);
  return world;
}

/** The POST of a rotation was not answered; its key lives, and nothing is stored. */
export async function unansweredWorld(): Promise<World> {
  const world = await vendedWorld();
  world.fault = faultsAt({ mint: { 1: 'unanswered' } });
  await rotateIn(world);
  withoutFaults(world);
  world.pass(HOUR);
  return world;
}

/** The worker of a rotation died after its store with a silent ledger, so only the tags name its key. Confluent was silent since. */
export async function storedBlindlyWorld(): Promise<World> {
  const world = await vendedWorld();
  world.fault = faultsAt({ commit: { 2: 'lost', 3: 'crash-before' } });
  await orCrash(() => rotateIn(world));
  world.killAll();
  failAll(world, 'lost', 'getKey');
  await ticksIn(world, 4);
  withoutFaults(world);
  return world;
}
