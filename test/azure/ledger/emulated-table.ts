import type { HttpClient } from '@azure/core-rest-pipeline';
import { createLedger } from '../../../src/azure/ledger/ledger.ts';
import type { BearerVerifier } from '../../../src/sandbox/kit/bearer.ts';
import { FaultPlan } from '../../../src/sandbox/kit/faults.ts';
import { startTables, type TablesEmulator, type TablesEngineKind } from '../../../src/sandbox/tables/index.ts';
import { createCertificates } from '../../../src/sandbox/tls/certificates.ts';
import type { Intent } from '../../../src/vending/intent.ts';
import type { Ledger, LedgerRow, WriteOutcome } from '../../../src/vending/ports/ledger.ts';
import { loopbackClient, tokenCredential } from '../loopback-client.ts';

const ENDPOINT = 'https://ledger.table.core.windows.net';

const verifier: BearerVerifier = {
  verify: async () => ({ kind: 'valid', claims: { iss: 'sandbox', aud: 'storage', tid: 'tenant', oid: 'function' } }),
};

export interface TableWorld {
  readonly faults: FaultPlan;
  readonly emulator: TablesEmulator;
  open(table?: string): Ledger;
}

export interface TableWorldOptions {
  /** Azurite unless given. */
  readonly engine?: TablesEngineKind;
  /** May look at every exchange with the table. */
  observe?(client: HttpClient): HttpClient;
}

export async function startTableWorld({
  engine = 'azurite',
  observe = (client) => client,
}: TableWorldOptions = {}): Promise<TableWorld> {
  const certificates = await createCertificates(['*.table.core.windows.net']);
  const faults = new FaultPlan();
  const emulator = await startTables({ tls: certificates, faults, verifier, account: 'ledger', engine });
  const service = {
    endpoint: ENDPOINT,
    credential: tokenCredential('function'),
    httpClient: observe(loopbackClient(emulator.port, certificates.caPem)),
    retries: { maxRetries: 2, retryDelayInMs: 1, maxRetryDelayInMs: 2 },
  };
  await emulator.createTable('intents');
  const open = (table = 'intents'): Ledger => createLedger({ ...service, table });
  return { faults, emulator, open };
}

export const intentOf = (id: string, fields: Partial<Intent> = {}): Intent => ({
  id,
  caller: 'entra:tenant:oid',
  requestHash: 'hash',
  target: {
    subscriptionId: '00000000-0000-0000-0000-000000000000',
    resourceGroupName: 'myResourceGroup',
    organizationName: 'myOrganization',
    environmentId: 'env-12132',
    clusterId: 'lkc-1126wj',
  },
  name: 'orders "Größe" 注文',
  vaultUrl: 'https://teams.vault.azure.net',
  secretName: 'ck-lkc-1126wj-orders',
  secretFormat: 'jaas',
  rule: 'orders',
  createdAt: 1_790_000_000_000,
  attempt: 1,
  state: { kind: 'minting', leaseUntil: 1_790_000_150_000 },
  dueAt: 1_790_000_210_000,
  earlierKeys: [],
  writeId: `first-of-${id}`,
  ...fields,
});

/** @throws Error unless the write is confirmed. */
export function rowOf(outcome: WriteOutcome): LedgerRow {
  if (outcome.kind !== 'written') throw new Error(`expected a written row, got ${JSON.stringify(outcome)}`);
  return outcome.row;
}
