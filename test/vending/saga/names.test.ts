import { expect, it } from 'vitest';
import { vend } from '../../../src/vending/vend.ts';
import { HOUR, kindIn, vendedOf } from '../lifecycle.ts';
import { faultsAt, intentOf, liveKeys, tick, typeOf } from './steps.ts';
import { ask, COMMAND, SETTINGS } from './vending.ts';
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

it('a name in a vault that policy left between two attempts is free again, the one in the other is not', async () => {
  const world = new World();
  const inVault = (vaultUrl: string) => ({
    ...SETTINGS,
    policy: { rules: SETTINGS.policy.rules.map((rule) => ({ ...rule, vaultUrl })) },
  });
  world.fault = faultsAt({ mint: { 1: 'refused' } });
  await askAs(world, 'first', inVault('https://one.vault.azure.net'));
  world.now += 60_000;
  const { id } = vendedOf(await askAs(world, 'first', inVault('https://two.vault.azure.net')));
  for (let hours = 0; hours < 3; hours++) {
    world.now += HOUR;
    await tick(world);
  }
  expect([...world.names.keys()]).toEqual(['https://two.vault.azure.net orders-main']);
  expect(kindIn(world, id)).toBe('vended');
  expect(world.due.size).toBe(0);
});
