import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createSecretVault } from '../../../src/azure/vault/secret-vault.ts';
import { goodCredential } from '../arm/fixtures.ts';
import { secretNamed, startVaultWorld, VAULT_URL, type VaultWorld } from './emulated-vault.ts';
import { ScriptedVault } from './scripted-vault.ts';

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

it('versions keep the dates and the order in which they were stored, whatever was changed of them since', async () => {
  const vault = world.open();
  for (const attempt of [1, 2, 3]) {
    await vault.store(secretNamed('changed', 'cflt', attempt), 10_000);
    world.clock.at += 1_000;
  }
  const before = await vault.listVersions(VAULT_URL, 'changed');
  const [, ...older] = before.kind === 'listed' ? before.versions : [];
  for (const { version } of older) {
    world.clock.at += 60_000;
    await vault.disableVersion(VAULT_URL, 'changed', version);
  }
  const after = await vault.listVersions(VAULT_URL, 'changed');
  const datesOf = (outcome: typeof after) =>
    outcome.kind === 'listed' ? outcome.versions.map(({ version, createdAt }) => ({ version, createdAt })) : [];
  expect(datesOf(after)).toHaveLength(3);
  expect(datesOf(after)).toEqual(datesOf(before));
});

it('versions without a date stand behind the others, in the order in which the vault has them, and are enabled', async () => {
  const id = (version: string) => `${VAULT_URL}/secrets/undated/${version}`;
  const value = ['b', 'a', 'c'].map((version) => ({ id: id(version) }));
  const dated = { id: id('d'), attributes: { created: 1 } };
  const httpClient = new ScriptedVault({ status: 200, body: { value: [...value, dated] } });
  const clock = { now: Date.now, sleep: async () => undefined };
  const vault = createSecretVault({ credential: goodCredential, clock, clientOptions: { httpClient } });
  const listed = (version: string, createdAt: number) => ({
    ...{ id: id(version), version, createdAt },
    ...{ enabled: true, tags: {} },
  });
  expect(await vault.listVersions(VAULT_URL, 'undated')).toEqual({
    kind: 'listed',
    versions: [listed('d', 1_000), ...['b', 'a', 'c'].map((version) => listed(version, 0))],
  });
});
