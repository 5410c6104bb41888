import { recover } from '../../../src/vending/commands/recovery/recover.ts';
import type { RecoveredSecret, RecoveryPage, RecoveryRequest } from '../../../src/vending/commands/recovery/schema.ts';
import { credentialIdOf } from '../../../src/vending/model/idempotency.ts';
import { vended } from '../review/scenes.ts';
import { CALLER, DAY, HOUR, ID, rotateIn, SETTINGS } from '../world/steps.ts';
import { World } from '../world/world.ts';

export const CHOSEN = {
  key: { kind: 'key', key: 'chosen' },
  request: { secretName: 'orders-chosen', validFor: 'P90D' },
} as const;
export const CHOSEN_ID = credentialIdOf(CALLER.id, CHOSEN.key);
export const DESCRIBED = { request: { description: 'for the portal' } };

/** A credential in its overlap, and one with a name that its caller chose. */
export async function twoCredentials(): Promise<World> {
  const world = new World();
  await vended(world, DESCRIBED);
  await vended(world, CHOSEN);
  world.pass(DAY);
  await rotateIn(world);
  await world.settled();
  world.pass(HOUR);
  return world;
}

/** A restored table that has nothing of it. */
export const loseAll = (world: World): void => world.ledger.rows.clear();

/** @throws where there is a problem */
export async function recoverIn(
  world: World,
  request: RecoveryRequest = {},
  settings = SETTINGS,
): Promise<RecoveryPage> {
  const recovered = await recover(world.ctx('operator'), settings, request);
  if (recovered.kind === 'problem') throw new Error(recovered.problem.detail);
  return recovered.page;
}

/** @throws where the page does not have it */
export function entryOf({ secrets }: RecoveryPage, id = ID): RecoveredSecret {
  const found = secrets.find((each) => each.id === id);
  if (found === undefined) throw new Error('There is no such secret.');
  return found;
}

export const placesIn = (entry: RecoveredSecret): string[] => entry.keys.map(({ is }) => is);
export const outcomes = ({ secrets }: RecoveryPage): string[] =>
  secrets.map(({ outcome, reason = '' }) => `${outcome} ${reason}`.trim());

/** A key that Confluent does not show for a while. */
export function setAlive(world: World, keyId: string, live: boolean): void {
  const key = world.confluent.find(keyId);
  if (key !== undefined) key.live = live;
}

export const currentKey = (world: World, id = ID): string => world.ledger.get(id)?.current?.key.id ?? '';
