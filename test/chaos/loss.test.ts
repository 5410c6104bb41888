import { beforeEach, expect, it } from 'vitest';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import type { AuditRecord } from '../../src/vending/model/audit.ts';
import type { Credential } from '../../src/vending/model/credential.ts';
import { markerOf } from '../../src/vending/model/idempotency.ts';
import { rowOf } from '../../src/vending/model/rows.ts';
import { tagsOf } from '../../src/vending/secret/naming.ts';
import { FIRST, ID, NOW, rows as rowsOf, SECOND, SECRET_NAME } from '../vending/model/credentials.ts';
import { accountForLoss } from './account/loss.ts';
import { LedgerView } from './evidence.ts';
import { LeakSearch } from './leaks.ts';

const VAULT_URL = `https://${WORLD.vaults[0]}.vault.azure.net`;
/** KEY2 is current, KEY1 previous. */
const ROW: Credential = rowsOf.rotated({ vaultUrl: VAULT_URL });

const keyOf = (id: string, attempt: typeof FIRST, deleted = false) => ({
  ...{ id, deleted, name: 'n', clusterId: 'lkc-1', createdTimestamp: '' },
  secret: `secret of ${id}`,
  description: markerOf(ID, attempt),
});
const versionOf = (version: string, keyId: string, attempt: typeof FIRST) => ({
  ...{ version, enabled: true, value: `secret of ${keyId}`, contentType: null, expiresOn: null },
  tags: tagsOf(ROW, { attempt, keyId, owner: undefined, expiresOn: undefined, now: NOW }),
});
const entityOf = (row: Credential) => ({ rowKey: rowOf('credential', row).key, document: JSON.stringify(row) });

let keys = [keyOf('KEY1', FIRST), keyOf('KEY2', SECOND)];
let versions = [versionOf('v1', 'KEY1', FIRST), versionOf('v2', 'KEY2', SECOND)];
let ledger: Credential[] = [];
beforeEach(() => {
  keys = [keyOf('KEY1', FIRST), keyOf('KEY2', SECOND)];
  versions = [versionOf('v1', 'KEY1', FIRST), versionOf('v2', 'KEY2', SECOND)];
  ledger = [ROW];
});

/** What does not add up after that row was lost. */
async function found(change: AuditRecord['change'] = 'insertRecovered'): Promise<readonly string[]> {
  const trail = { records: [{ credentialId: ID, change }], defects: [], leaks: new LeakSearch() };
  const azure = {
    arm: { keys: () => keys, requests: () => [] },
    vault: {
      names: (vault: string) => (vault === WORLD.vaults[0] ? [SECRET_NAME] : []),
      secrets: () => versions,
    },
    tables: { rows: async () => ledger.map(entityOf) },
    clock: { now: () => NOW },
  };
  return accountForLoss(azure, { ledger: new LedgerView([entityOf(ROW)]), lost: new Set([ID]) }, trail);
}

it('is content where the row came back as it was', async () => {
  expect(await found()).toEqual([]);
});

it('misses a row that did not come back, and both keys that it named', async () => {
  ledger = [];
  expect(await found()).toEqual([
    expect.stringContaining('KEY1 lives'),
    expect.stringContaining('KEY2 lives'),
    `credential ${ID} was vended, and did not come back`,
  ]);
});

it('sees that the older key came back as the current one', async () => {
  ledger = [rowsOf.vended({ vaultUrl: VAULT_URL })];
  expect(await found()).toContainEqual(expect.stringContaining('does not lead to its current key'));
});

it('sees that the recovery deleted the current key', async () => {
  keys = [keyOf('KEY1', FIRST), keyOf('KEY2', SECOND, true)];
  expect(await found()).toContainEqual(expect.stringContaining('its current key is gone'));
});

it('sees a row that came back without a record', async () => {
  expect(await found('claimVend')).toEqual([`credential ${ID} came back without a record`]);
});
