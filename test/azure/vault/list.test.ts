import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { secretNamed, startVaultWorld, VAULT_URL, type VaultWorld } from './emulated-vault.ts';

let world: VaultWorld;
beforeAll(async () => {
  world = await startVaultWorld();
});
beforeEach(() => world.faults.clear());
afterAll(() => world.emulator.close());

it('the names of all secrets of a vault are listed over its pages, each once', async () => {
  const names = Array.from({ length: 60 }, (_, n) => `secret-${n}`);
  for (const name of [...names, 'secret-0']) await world.officer.setSecret(name, 'value');
  const listed = await world.open().listNames(VAULT_URL);
  if (listed.kind === 'unavailable') throw new Error('The vault is silent.');
  expect(listed.names).toHaveLength(names.length);
  expect(new Set(listed.names)).toEqual(new Set(names));
});

it('a list of names that breaks off is no list', async () => {
  // The first page is answered, and no page after it.
  world.faults.add({ service: 'vault', operation: 'listSecrets', after: 1, fault: { status: 403 } });
  expect(await world.open().listNames(VAULT_URL)).toMatchObject({ kind: 'unavailable', upstream: { status: 403 } });
});

it('a version says when it was stored, when it expires and what it holds', async () => {
  const expiresOn = new Date('2030-01-01T00:00:00Z');
  await world.open().store({ ...secretNamed('dated', 'cflt-dated'), expiresOn }, 10_000);
  const second = Math.floor(world.clock.now() / 1_000) * 1_000;
  expect(await world.open().listVersions(VAULT_URL, 'dated')).toMatchObject({
    versions: [{ createdAt: second, expiresAt: expiresOn.getTime(), contentType: 'text/plain', enabled: true }],
  });
});
