import type { TokenCredential } from '@azure/identity';
import { expect, it } from 'vitest';
import { createSecretVault } from '../../../src/azure/vault/secret-vault.ts';
import { Secret } from '../../../src/vending/secret/secret.ts';
import { KNOWN_CODES } from '../codes.ts';
import { byProof, STATUSES } from '../statuses.ts';
import { ScriptedVault, VAULT_URL } from './scripted-vault.ts';

const granting: TokenCredential = {
  getToken: async () => ({ token: 't', expiresOnTimestamp: Date.now() + 3_600_000 }),
};
const clock = { now: Date.now, sleep: async () => undefined };

async function outcomeOf(status: number, code: string): Promise<string> {
  const httpClient = new ScriptedVault({ status, headers: { 'retry-after-ms': '1' }, body: { error: { code } } });
  const retryOptions = { maxRetries: 1, retryDelayInMs: 1, maxRetryDelayInMs: 2 };
  const vault = createSecretVault({ credential: granting, clock, clientOptions: { httpClient, retryOptions } });
  const secret = { vaultUrl: VAULT_URL, name: 'orders', value: new Secret('cfltAny'), contentType: 'text/plain' };
  const outcome = await vault.store({ ...secret, tags: {} }, 10_000);
  return outcome.kind === 'refused' ? outcome.reason : outcome.kind;
}

/*
 * One status too many here, and the key is deleted whose secret readers get. One reason too many, and a caller is told to try
 * again what cannot succeed. So every status is tried, and the lists are complete.
 */
it.each([
  ['Other', { denied: [400, 403, 405, 413, 415, 422], transient: [401, 404, 409, 429] }],
  ['ForbiddenByRbac', { denied: [400, 405, 413, 415, 422], transient: [401, 403, 404, 409, 429] }],
] as const)('a store that is answered with %s: every other status proves nothing', async (code, proves) => {
  const outcomes = await Promise.all(STATUSES.map(async (status) => [status, await outcomeOf(status, code)] as const));
  expect(byProof(outcomes, 'ambiguous')).toEqual(proves);
});

it('a store that is answered 403: these codes are about access, which may come back', async () => {
  const outcomes = await Promise.all(KNOWN_CODES.map(async (code) => [code, await outcomeOf(403, code)] as const));
  expect(byProof(outcomes, 'denied')).toEqual({
    transient: ['AccessDenied', 'ForbiddenByConnection', 'ForbiddenByFirewall', 'ForbiddenByPolicy', 'ForbiddenByRbac'],
  });
});

it('a store that is answered 409: one code says that the name is soft-deleted', async () => {
  const outcomes = await Promise.all(KNOWN_CODES.map(async (code) => [code, await outcomeOf(409, code)] as const));
  expect(byProof(outcomes, 'transient')).toEqual({ 'soft-deleted': ['ObjectIsDeletedButRecoverable'] });
});
