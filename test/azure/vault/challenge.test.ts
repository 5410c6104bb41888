import { expect, it, vi } from 'vitest';
import { createSecretVault } from '../../../src/azure/vault/secret-vault.ts';
import { Secret } from '../../../src/vending/secret/secret.ts';
import { goodCredential } from '../arm/fixtures.ts';
import { ScriptedVault, VAULT_URL } from './scripted-vault.ts';

it.each([
  'https://management.azure.com',
  'https://vault.azure.net.example.com',
  'https://other.vault.azure.net',
  'http://vault.azure.net.',
])(
  'a host that wants a token for %s gets none, and no secret: the token would be for another service',
  async (resource) => {
    const httpClient = new ScriptedVault({ status: 200 });
    httpClient.resource = resource;
    const getToken = vi.fn(goodCredential.getToken);
    const clock = { now: Date.now, sleep: async () => undefined };
    const vault = createSecretVault({ credential: { getToken }, clock, clientOptions: { httpClient } });
    const secret = { vaultUrl: VAULT_URL, name: 'orders', value: new Secret('cfltAny'), contentType: 'text/plain' };
    expect((await vault.store({ ...secret, tags: {} }, 10_000)).kind).not.toBe('stored');
    expect(getToken).not.toHaveBeenCalled();
    expect(httpClient.tries).toEqual([]);
  },
);

it.each([
  [false, 'disabled'],
  // The SDK keeps the body of a first request for itself until the challenge is answered. Another call may answer it first.
  [true, 'unavailable'],
  [undefined, 'unavailable'],
])('a version that the vault answers as enabled %s is %s', async (enabled, kind) => {
  const version = { id: `${VAULT_URL}/secrets/orders/v1`, attributes: { enabled } };
  const httpClient = new ScriptedVault({ status: 200, body: version });
  const clock = { now: Date.now, sleep: async () => undefined };
  const vault = createSecretVault({ credential: goodCredential, clock, clientOptions: { httpClient } });
  expect((await vault.disableVersion(VAULT_URL, 'orders', 'v1')).kind).toBe(kind);
  expect(vault.isProvenWritable(VAULT_URL)).toBe(kind === 'disabled');
});
