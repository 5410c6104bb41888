import type { HttpClient } from '@azure/core-rest-pipeline';
import { TableClient } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import { createLedger } from '../../../src/azure/ledger/ledger.ts';
import type { BearerVerifier } from '../../../src/sandbox/kit/bearer.ts';
import { FaultPlan } from '../../../src/sandbox/kit/faults.ts';
import { startTables, type TablesEmulator } from '../../../src/sandbox/tables/index.ts';
import { createCertificates } from '../../../src/sandbox/tls/certificates.ts';
import type { Credential } from '../../../src/vending/model/credential.ts';
import type { CommitOutcome, Ledger } from '../../../src/vending/ports/ledger.ts';
import { DEFAULT_TIMINGS } from '../../vending/world/timings.ts';
import { loopbackClient, tokenCredential } from '../loopback-client.ts';

const ENDPOINT = 'https://ledger.table.core.windows.net';
export const TABLE = 'credentials';

const verifier: BearerVerifier = {
  verify: async () => ({ kind: 'valid', claims: { iss: 'sandbox', aud: 'storage', tid: 'tenant', oid: 'function' } }),
};

export interface TableWorld {
  readonly faults: FaultPlan;
  readonly emulator: TablesEmulator;
  /** Its retries do not pause. */
  open(table?: string, credential?: TokenCredential): Ledger;
  /** With the retries that are deployed. */
  openAsDeployed(): Ledger;
  /** Writes a row as somebody else would. */
  plant(rowKey: string, columns: Readonly<Record<string, unknown>>): Promise<unknown>;
}

export interface TableWorldOptions {
  /** May look at every exchange with the table. */
  observe?(client: HttpClient): HttpClient;
}

export async function startTableWorld({ observe = (client) => client }: TableWorldOptions = {}): Promise<TableWorld> {
  const certificates = await createCertificates(['*.table.core.windows.net']);
  const faults = new FaultPlan();
  const emulator = await startTables({ tls: certificates, faults, verifier, account: 'ledger' });
  const service = {
    endpoint: ENDPOINT,
    credential: tokenCredential('function'),
    httpClient: observe(loopbackClient(emulator.port, certificates.caPem)),
    timings: DEFAULT_TIMINGS,
  };
  const retries = { maxRetries: 2, retryDelayInMs: 1, maxRetryDelayInMs: 2 };
  await emulator.createTable(TABLE);
  const open: TableWorld['open'] = (table = TABLE, credential = service.credential) =>
    createLedger({ ...service, retries, table, credential });
  const openAsDeployed = (): Ledger => createLedger({ ...service, table: TABLE });
  const client = new TableClient(ENDPOINT, TABLE, service.credential, { httpClient: service.httpClient });
  const plant: TableWorld['plant'] = (rowKey, columns) =>
    client.upsertEntity({ partitionKey: 'ledger', rowKey, ...columns });
  return { faults, emulator, open, openAsDeployed, plant };
}

export const CREATED_AT = 1_790_000_000_000;

/** Claimed, and about to be minted. */
export const credentialOf = (id: string, fields: Partial<Credential> = {}): Credential => ({
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
  grant: { rule: 'orders', overlapMs: 3_600_000, revokeAtExpiry: false },
  createdAt: CREATED_AT,
  attempts: 1,
  work: {
    attempt: 1,
    nonce: 'abcdef',
    claimId: `first-of-${id}`,
    purpose: 'vend',
    phase: 'minting',
    claimedAt: CREATED_AT,
    leaseUntil: CREATED_AT + 150_000,
    since: CREATED_AT,
  },
  sequence: 1,
  writeId: `first-of-${id}`,
  ...fields,
});

/** @throws Error unless the commit took effect. */
export function etagOf(outcome: CommitOutcome): string {
  if (outcome.kind !== 'committed') throw new Error(`The commit ended as ${JSON.stringify(outcome)}.`);
  return outcome.etag;
}
