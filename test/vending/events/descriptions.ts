import type { EventDescription } from '../../../src/vending/events/outgoing.ts';

const occurrence = { eventId: '7f9c24e8-3b12-4fef-91ab-2f6c0f2f6f10', time: Date.parse('2026-03-01T12:00:00Z') };
const request = {
  requestId: 'abcdefghijklmnopqrstuvwxyz',
  attempt: 1,
  caller: 'queue:vend-requests',
  target: {
    subscriptionId: '00000000-0000-0000-0000-000000000000',
    resourceGroupName: 'rg',
    organizationName: 'org',
    environmentId: 'env-1',
    clusterId: 'lkc-1',
  },
  vaultUrl: 'https://my-vault.vault.azure.net',
  secretName: 'ck-lkc-1-orders-abcdefghij',
};
const secretId = `${request.vaultUrl}/secrets/${request.secretName}/${'0'.repeat(32)}`;
const keyVaultReference = `@Microsoft.KeyVault(SecretUri=${request.vaultUrl}/secrets/${request.secretName}/)`;
const stored = { apiKeyId: 'KEY1', secretId, keyVaultReference, expiresOn: '2026-06-01T00:00:00.000Z' };
const replaced = 'zyxwvutsrqponmlkjihgfedcba';

/** One event of each kind, with every field that it may have. */
export const DESCRIPTIONS: readonly EventDescription[] = [
  { kind: 'vended', ...occurrence, ...request, ...stored, supersedes: replaced },
  {
    ...{ kind: 'rotated', ...occurrence, ...request, ...stored },
    ...{ supersedes: replaced, supersededBy: replaced, revokeAt: Date.parse('2026-03-02T13:00:00Z') },
  },
  { kind: 'revoked', ...occurrence, ...request, apiKeyId: 'KEY1', secretId, supersededBy: replaced },
  {
    ...{ kind: 'orphaned', ...occurrence, ...request, marker: `vend:${request.requestId}.1` },
    ...{ apiKeyId: 'KEY1', problem: 'outcome-unknown' },
  },
  { kind: 'failed', ...occurrence, ...request, problem: 'upstream-refused', apiKeyId: 'KEY1' },
  { kind: 'expired', ...occurrence, ...request, ...stored },
];
