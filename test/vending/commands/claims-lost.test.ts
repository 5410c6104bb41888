import { expect, it } from 'vitest';
import type { Outcome } from '../../../src/vending/commands/outcome.ts';
import { currentKeyIn, orCrash, rotateIn, typeOf, vendIn } from '../world/steps.ts';
import { World } from '../world/world.ts';

type Fault = World['fault'];

/** Somebody else is first, as the faults have it. Then our own claim is lost: it may still land, so there is no second one. */
async function losing(world: World, theirs: () => Promise<unknown>, faults: Fault, ours: () => Promise<Outcome>) {
  let isOurs = false;
  world.fault = (call) => {
    if (!isOurs) return faults(call);
    return call === 'commit' ? 'lost' : undefined;
  };
  world.turn = async (call) => {
    if (call !== 'commit') return;
    world.turn = async () => undefined;
    await orCrash(theirs);
    isOurs = true;
    world.calls = [];
  };
  const outcome = await ours();
  expect(world.calls.filter((call) => call === 'commit')).toHaveLength(1);
  return outcome;
}

const refusedStores: Fault = (call) => (call === 'store' ? 'refused' : undefined);
const undeleted: Fault = (call) => (call === 'deleteKey' ? 'lost' : refusedStores(call));

it.each<[string, Fault, string, number]>([
  ['is throttled', (call) => (call === 'mint' ? 'refused' : undefined), 'upstream-throttled', 1],
  ['has a key to be deleted', undeleted, 'request-in-progress', 1],
  ['failed, and may be tried again', refusedStores, 'ledger-unavailable', 1],
  ['is under way', (call) => (call === 'mint' ? 'crash-before' : undefined), 'request-in-progress', 1],
])('a vend whose claim is lost beside another one answers that this %s', async (_, faults, type, attempt) => {
  const world = new World();
  const outcome = await losing(
    world,
    () => vendIn(world),
    faults,
    () => vendIn(world),
  );
  expect(outcome).toMatchObject({ problem: { type }, attempt });
});

it('a vend whose claim is lost beside another one that vends answers with its key', async () => {
  const world = new World();
  const vend = () => vendIn(world);
  const outcome = await losing(world, vend, () => undefined, vend);
  expect(outcome).toMatchObject({ replayed: true, credential: { current: { key: { id: currentKeyIn(world) } } } });
});

it.each<[string, Fault, string]>([
  ['is under way', (call) => (call === 'mint' ? 'crash-before' : undefined), 'request-in-progress'],
  ['failed', refusedStores, 'ledger-unavailable'],
])('a rotation whose claim is lost beside another one answers that this %s', async (_, faults, type) => {
  const world = new World();
  await vendIn(world);
  const outcome = await losing(
    world,
    () => rotateIn(world, { key: 'theirs' }),
    faults,
    () => rotateIn(world, { key: 'ours' }),
  );
  expect(typeOf(outcome)).toBe(type);
});
