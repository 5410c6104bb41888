import { describe, expect, it } from 'vitest';
import { resolveUnknown } from '../../../src/vending/operate/resolve.ts';
import { vend } from '../../../src/vending/vend.ts';
import { HOUR, kindIn, vendedOf } from '../lifecycle.ts';
import { AFTER_LEASE, faultsAt, heldAt, intentOf, liveKeys, tick, typeOf } from './steps.ts';
import { ask, COMMAND, orCrash, SETTINGS } from './vending.ts';
import { World } from './world.ts';

const CHOSEN = { ...COMMAND.request, secretName: 'orders-main' };
const askAs = (world: World, key: string, settings = SETTINGS) =>
  vend(world.ports(), settings, { ...COMMAND, key: { kind: 'key', key }, request: CHOSEN });

/** A vault that holds a deleted secret of every name. */
function deletedSecrets(world: World): void {
  const ports = world.ports.bind(world);
  const upstream = { service: 'vault', status: 409, code: 'Conflict' } as const;
  world.ports = (actor) => {
    const all = ports(actor);
    return { ...all, vault: { ...all.vault, store: async () => ({ kind: 'refused', upstream }) } };
  };
}

it('a deleted secret that holds a derived name is told as such; the key goes, and is not minted again for the same answer', async () => {
  const world = new World();
  deletedSecrets(world);
  expect(typeOf(await ask(world))).toBe('secret-name-soft-deleted');
  expect(liveKeys(world)).toEqual([false]);
  world.softDeleted.add(intentOf(world)?.secretName ?? '');
  expect(typeOf(await ask(world))).toBe('secret-name-soft-deleted');
  expect(world.posts).toHaveLength(1);
  world.softDeleted.clear();
  expect(typeOf(await ask(world))).toBe('secret-name-soft-deleted');
  expect(world.posts, 'purged, as far as the vault shows').toHaveLength(2);
});

it('a name whose request ended for good after its key was minted is free for another', async () => {
  const world = new World();
  world.owner = 'u-stranger';
  expect(typeOf(await askAs(world, 'first'))).toBe('owner-not-allowed');
  world.owner = 'sa-1';
  expect(typeOf(await askAs(world, 'second'))).toBe('vended');
});

it('a name whose request may yet be vended stays claimed while its key is deleted', async () => {
  const world = new World();
  world.fault = faultsAt({ store: { 1: 'refused' } });
  expect(typeOf(await askAs(world, 'first'))).toBe('vault-unavailable');
  expect(liveKeys(world)).toEqual([false]);
  expect(typeOf(await askAs(world, 'second'))).toBe('secret-name-taken');
  expect(typeOf(await askAs(world, 'first'))).toBe('vended');
});

describe('a name in a vault that policy left between two attempts', () => {
  const inVault = (vaultUrl: string) => ({
    ...SETTINGS,
    policy: { rules: SETTINGS.policy.rules.map((rule) => ({ ...rule, vaultUrl })) },
  });
  const fromOne = (world: World) => orCrash(() => askAs(world, 'first', inVault('https://one.vault.azure.net')));
  const toTwo = (world: World) => askAs(world, 'first', inVault('https://two.vault.azure.net'));
  const hours = async (world: World, count: number): Promise<void> => {
    for (let hour = 0; hour < count; hour++, world.now += HOUR) await tick(world);
  };

  it.each<[string, World['fault'], number]>([
    ['soon after a refused mint', faultsAt({ mint: { 1: 'refused' } }), 0],
    ['once the failure was looked at', faultsAt({ mint: { 1: 'refused' } }), 2],
    ['after a key that was given up', faultsAt({ store: { 1: 'refused' } }), 0],
    ['after a worker that died', faultsAt({ store: { 1: 'crash-before' }, findVersions: { 1: 'lost', 2: 'lost' } }), 6],
  ])('is free again, the one in the other is not: %s', async (_, fault, looksBetween) => {
    const world = new World();
    world.fault = fault;
    await fromOne(world);
    world.now += HOUR;
    await hours(world, looksBetween);
    const { id } = vendedOf(await toTwo(world));
    await hours(world, 33 * 24);
    expect([...world.names.keys()]).toEqual(['https://two.vault.azure.net orders-main']);
    expect(kindIn(world, id)).toBe('vended');
    expect(world.due.size).toBe(0);
  });

  it('is not claimed for one that the ledger could not note', async () => {
    const world = new World();
    world.fault = faultsAt({ mint: { 1: 'refused' } });
    await fromOne(world);
    world.now += HOUR;
    world.fault = faultsAt({ noteDue: { 2: 'lost' } });
    expect(typeOf(await toTwo(world))).toBe('ledger-unavailable');
    expect(world.posts).toHaveLength(1);
  });
});

it('a name that is released under a retry that has just claimed it goes to one of two requests', async () => {
  const world = new World();
  const { mintAs } = world;
  world.mintAs = (key) => ({ kind: 'no-secret', key, upstream: { service: 'arm', status: 200 } });
  world.fault = (call) => (call === 'deleteKey' ? 'lost' : undefined);
  await askAs(world, 'first');
  world.fault = () => undefined;
  world.now += AFTER_LEASE;
  const release = await heldAt(world, 'releaseName', 1, () => tick(world));
  world.mintAs = mintAs;
  const retry = await heldAt(world, 'replace', 1, () => askAs(world, 'first'));
  world.turn = async () => undefined;
  await release();
  const other = typeOf(await askAs(world, 'second'));
  expect([typeOf(await retry()), other]).toEqual(['secret-name-taken', 'vended']);
  expect(world.names.size).toBe(1);
});

it('a name of whose request an operator says that there is no key is free for another', async () => {
  const world = new World();
  world.fault = faultsAt({ mint: { 1: 'lost' } });
  await askAs(world, 'first');
  world.now += AFTER_LEASE;
  await tick(world);
  const intentId = intentOf(world)?.id ?? '';
  expect(await resolveUnknown(world.ports('operator:o'), { intentId, apiKeyId: null })).toMatchObject({
    kind: 'resolved',
  });
  expect(typeOf(await askAs(world, 'second'))).toBe('vended');
});
