import { expect, it } from 'vitest';
import { createSecretVault } from '../../../src/azure/vault/secret-vault.ts';
import { Secret } from '../../../src/vending/secret/secret.ts';
import { goodCredential } from '../arm/fixtures.ts';
import { ScriptedVault, VAULT_URL } from './scripted-vault.ts';

const clock = { now: Date.now, sleep: async () => undefined };
const SECRET = {
  vaultUrl: VAULT_URL,
  name: 'orders',
  value: new Secret('cfltAny'),
  contentType: 'text/plain',
  tags: {},
};

it('a refusal that is proven stays proven: no PUT is sent that the deadline is going to cut', async () => {
  const http = new ScriptedVault({ status: 429, headers: { 'retry-after': '2' } }, { status: 200, delayMs: 300 });
  const vault = createSecretVault({ credential: goodCredential, clock, clientOptions: { httpClient: http } });
  // 100 ms are left after the pause. A PUT takes 300 ms.
  const outcome = await vault.store(SECRET, 2_100);
  expect({ kind: outcome.kind, tries: http.tries.length }).toEqual({ kind: 'refused', tries: 1 });
});
