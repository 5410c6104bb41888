import { expect, it } from 'vitest';
import { createSecretVault } from '../../../src/azure/vault/secret-vault.ts';
import { goodCredential } from '../arm/fixtures.ts';
import { ScriptedVault, VAULT_URL } from './scripted-vault.ts';

it.each([429, 503])('a vault that answers %d and asks to wait for an hour is asked once', async (status) => {
  let asked = 0;
  const http = new ScriptedVault({ status, headers: { 'retry-after': '3600' } });
  const httpClient = {
    sendRequest: (request: Parameters<ScriptedVault['sendRequest']>[0]) => {
      if (request.headers.has('authorization')) asked += 1;
      return http.sendRequest(request);
    },
  };
  const clock = { now: Date.now, sleep: async () => undefined };
  const vault = createSecretVault({ credential: goodCredential, clock, clientOptions: { httpClient } });
  await vault.listVersions(VAULT_URL, 'orders');
  expect(asked).toBe(1);
});
