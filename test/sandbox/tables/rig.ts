import { Agent } from 'node:https';
import { TableClient, type TableServiceClientOptions } from '@azure/data-tables';
import { expect } from 'vitest';
import { createTokenIssuer, type TokenIssuer } from '../../../src/sandbox/entra/token-issuer.ts';
import { FaultPlan } from '../../../src/sandbox/kit/faults.ts';
import { startTables, type TablesEmulator, type TablesOptions } from '../../../src/sandbox/tables/index.ts';
import { createCertificates } from '../../../src/sandbox/tls/certificates.ts';

export const ACCOUNT = 'sandboxledger';
export const TABLE = 'ledger';
export const HOST = `${ACCOUNT}.table.core.windows.net`;
const STORAGE = 'https://storage.azure.com';

interface ClientOptions {
  readonly resource?: string;
  readonly expiresIn?: number;
  readonly url?: string;
  readonly oid?: string;
  readonly table?: string;
}

/** A running table service, and real clients that reach it under the account's production host name. */
export interface TablesRig {
  readonly tables: TablesEmulator;
  readonly faults: FaultPlan;
  readonly issuer: TokenIssuer;
  client(options?: ClientOptions): TableClient;
  /** For requests that no client would send. */
  readonly agent: Agent;
  close(): Promise<void>;
}

export async function startRig(roles: Pick<TablesOptions, 'callerOids'> = {}): Promise<TablesRig> {
  const faults = new FaultPlan();
  const issuer = await createTokenIssuer({ tenantId: '11111111-1111-1111-1111-111111111111' });
  const { caPem, cert, key } = await createCertificates([HOST]);
  const tables = await startTables({
    tls: { cert, key },
    faults,
    verifier: issuer.verifier,
    account: ACCOUNT,
    ...roles,
  });
  const agent = new Agent({
    ca: caPem,
    keepAlive: true,
    lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
  });
  const production = `https://${HOST}:${tables.port}`;
  const client: TablesRig['client'] = ({
    resource = STORAGE,
    expiresIn = 3600,
    url = production,
    oid = 'function-oid',
    table = TABLE,
  } = {}) => {
    const claims = { resource, oid, appid: 'function-app', expiresIn };
    const credential = {
      getToken: async () => {
        const { token, expiresOn } = await issuer.issueResourceToken(claims);
        return { token, expiresOnTimestamp: Math.max(expiresOn * 1000, Date.now() + 60_000) };
      },
    };
    const options: TableServiceClientOptions = { agent, retryOptions: { maxRetries: 0 } };
    return new TableClient(url, table, credential, options);
  };
  return {
    tables,
    faults,
    issuer,
    client,
    agent,
    close: async () => {
      agent.destroy();
      await tables.close();
    },
  };
}

const PARTITION = 'intent';
export const entity = (rowKey: string, state = 'minting') => ({ partitionKey: PARTITION, rowKey, state });
export const refused = (action: Promise<unknown>): Promise<{ statusCode?: number; code?: string }> =>
  action.then(
    () => expect.fail('it was not refused'),
    (error: { statusCode?: number; code?: string }) => error,
  );
export const errorCode = (error: unknown): unknown =>
  (error as { details?: { odataError?: { code?: string } } }).details?.odataError?.code;
