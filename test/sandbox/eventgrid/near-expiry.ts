import { expect } from 'vitest';

/** An event of Key Vault in both schemas, as it is delivered. */
const SOURCE =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v';
export const DATA = {
  Id: `https://v.vault.azure.net/secrets/s/${'a'.repeat(32)}`,
  VaultName: 'v',
  ObjectType: 'Secret',
  ObjectName: 's',
  Version: 'a'.repeat(32),
  NBF: null,
  EXP: 1_559_082_102,
};
export const CLOUD_EVENT = {
  id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  source: SOURCE,
  specversion: '1.0',
  type: 'Microsoft.KeyVault.SecretNearExpiry',
  subject: 's',
  time: '2026-01-02T03:04:05.6780000Z',
  data: DATA,
};
export const GRID_EVENT = {
  id: CLOUD_EVENT.id,
  topic: SOURCE,
  subject: 's',
  eventType: 'Microsoft.KeyVault.SecretNearExpiry',
  eventTime: CLOUD_EVENT.time,
  data: DATA,
  dataVersion: '1',
  metadataVersion: '1',
};
