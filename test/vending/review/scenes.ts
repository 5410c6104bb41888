import type { Credential } from '../../../src/vending/model/credential.ts';
import { rowOf } from '../../../src/vending/model/rows.ts';
import type { FakeKey } from '../world/confluent.ts';
import type { Call, Fault } from '../world/network.ts';
import {
  AFTER_LEASE,
  credentialOf,
  faultsAt,
  orCrash,
  rotateIn,
  rowIn,
  SETTINGS,
  tick,
  vendIn,
  withoutFaults,
} from '../world/steps.ts';
import type { FakeVersion } from '../world/vault.ts';
import { World } from '../world/world.ts';

export type Script = Partial<Record<Call, Readonly<Record<number, Fault>>>>;

/** A row with its attempt's key at the POST, after it, and after the store; the worker dies each time. */
export const DEAD = {
  /** The POST was sent. The row says `minting`. */
  posted: { mint: { 1: 'crash-after' } },
  /** The row says `minted`. Nothing was stored. */
  minted: { store: { 1: 'crash-before' } },
  /** The row says `minted`, and the secret is stored. */
  stored: { store: { 1: 'crash-after' } },
  /** The row says `minting`, because the ledger was silent, and the secret is stored. */
  storedBlindly: { commit: { 2: 'lost' }, store: { 1: 'crash-after' } },
} as const satisfies Record<string, Script>;

/** A world whose worker died as the script says. Lease and settling time are over. */
export async function dead(script: Script, prepare: (world: World) => void = () => undefined): Promise<World> {
  const world = new World();
  prepare(world);
  world.fault = faultsAt(script);
  await orCrash(() => vendIn(world));
  revive(world);
  return world;
}

/** The same for a rotation. */
export async function deadInRotation(script: Script): Promise<World> {
  const world = new World();
  await vendIn(world);
  await world.settled();
  world.fault = faultsAt(script);
  await orCrash(() => rotateIn(world));
  revive(world);
  return world;
}

function revive(world: World): void {
  withoutFaults(world);
  world.killAll();
  world.pass(AFTER_LEASE);
}

export async function vended(world: World, options: Parameters<typeof vendIn>[1] = {}): Promise<Credential> {
  const outcome = await vendIn(world, options);
  await world.settled();
  return credentialOf(outcome);
}

/** A run of the timer at a time from now, with everything that it began. */
export async function tickIn(world: World, ms: number, settings = SETTINGS): Promise<void> {
  world.pass(ms);
  await tick(world, settings);
  await world.settled();
}

/** @throws where there is none */
export function newestKey(world: World): FakeKey {
  const key = world.confluent.keys.at(-1);
  if (key === undefined) throw new Error('Confluent has no key.');
  return key;
}

/** @throws where there is none */
export function newestVersion(world: World): FakeVersion {
  const version = world.vault.versions.at(-1);
  if (version === undefined) throw new Error('The vault has no version.');
  return version;
}

/** The state of the row's attempt, or of its key. */
export const stateOf = (world: World): string => {
  const { work, current, closed } = rowIn(world);
  return work?.phase ?? (closed !== undefined ? 'revoked' : current !== undefined ? 'vended' : 'failed');
};

/** Dates of due rows, in milliseconds from now. */
export const dueIn = (world: World): number[] => world.ledger.all('due').map(({ at }) => at - world.now);

/** Writes a row into the ledger as it is, with a due row now. */
export function plant(world: World, row: Credential): void {
  world.ledger.rows.set(rowOf('credential', row).key, { text: JSON.stringify(row), etag: world.id('etag') });
}

export const types = (world: World): string[] =>
  world.published.map(({ type }) => type.replace('confluent-key-vending.apikey.', ''));

export const logged = (world: World): string[] => world.logs.map(({ event }) => event);
