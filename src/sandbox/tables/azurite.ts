import { createHmac, randomBytes } from 'node:crypto';
import { createRequire, Module } from 'node:module';
import { AzureNamedKeyCredential, odata, TableClient } from '@azure/data-tables';

export interface EntityKey {
  readonly partitionKey: string;
  readonly rowKey: string;
}

/** Azurite's table service in this process: in memory, on a loopback port, open only to callers with its key. */
export interface EmbeddedAzurite {
  readonly port: number;
  /** The `Authorization` header (SharedKeyLite) for a request with this `x-ms-date` and this raw path. */
  authorize(date: string, rawPath: string): string;
  /** As a deployment does it: past the service. @throws Error where there is one of that name */
  createTable(table: string): Promise<void>;
  /** Entities of a table: all, or those whose row key begins so. @throws RestError where there is no such table */
  rows(table: string, prefix?: string): Promise<Record<string, unknown>[]>;
  /** Removes the entities with such row keys, past the service, as a restored table lacks them. */
  removeRows(table: string, isLost: (rowKey: string) => boolean): Promise<void>;
  /** Copies an entity under other keys, past the service. @throws Error where there is no such entity */
  copyRow(table: string, from: EntityKey, to: readonly EntityKey[]): void;
  close(): Promise<void>;
}

/** The parts of Azurite 3.35.0 that are used; it publishes neither types nor this entry. */
interface TableServer {
  readonly accountDataStore: { getAccount(name: string): { name: string; key1: Buffer } | undefined };
  readonly metadataStore: { readonly db: EntityDatabase };
  start(): Promise<void>;
  close(): Promise<void>;
  getHttpServerAddress(): string;
}

/** LokiJS. Azurite keeps each table in a collection of it. */
interface EntityDatabase {
  getCollection(name: string): EntityCollection;
  addCollection(name: string, options: object): EntityCollection;
}

interface EntityCollection {
  findOne(query: Readonly<Record<string, unknown>>): { readonly properties: object } | null;
  insert(entities: readonly object[]): void;
}

export async function embedAzurite(account: string): Promise<EmbeddedAzurite> {
  const key = randomBytes(64);
  const server = createServer();
  // Otherwise AZURITE_ACCOUNTS in the environment decides which accounts exist.
  server.accountDataStore.getAccount = (name) => (name === account ? { name, key1: key } : undefined);
  lookUpByRowKey(server.metadataStore.db);
  await server.start();
  const address = server.getHttpServerAddress();
  const credential = new AzureNamedKeyCredential(account, key.toString('base64'));
  const clientOf = (table: string): TableClient =>
    new TableClient(`${address}/${account}`, table, credential, { allowInsecureConnection: true });
  return {
    port: Number(new URL(address).port),
    authorize: (date, rawPath) => {
      const signature = createHmac('sha256', key).update(`${date}\n/${account}${rawPath}`).digest('base64');
      return `SharedKeyLite ${account}:${signature}`;
    },
    createTable: (table) => clientOf(table).createTable(),
    rows: async (table, prefix = '') => {
      const rows: Record<string, unknown>[] = [];
      const filter = odata`RowKey ge ${prefix} and RowKey lt ${`${prefix}\uffff`}`;
      const options = prefix === '' ? {} : { queryOptions: { filter } };
      for await (const entity of clientOf(table).listEntities(options)) rows.push(entity);
      return rows;
    },
    removeRows: async (table, isLost) => {
      const client = clientOf(table);
      for await (const { partitionKey = '', rowKey = '' } of client.listEntities())
        if (isLost(rowKey)) await client.deleteEntity(partitionKey, rowKey);
    },
    copyRow: (table, from, to) => copyRow(server.metadataStore.db.getCollection(`${account}$${table}`), from, to),
    close: () => server.close(),
  };
}

/**
 * LokiJS uses the index of the first property of a query alone. Azurite puts the partition's key first, and a look-up in
 * a ledger of one partition would read all of it.
 */
function lookUpByRowKey(db: EntityDatabase): void {
  const addCollection = db.addCollection.bind(db);
  db.addCollection = (name, options) => {
    const entities = addCollection(name, options);
    const findOne = entities.findOne.bind(entities);
    entities.findOne = ({ RowKey, ...query }) => findOne(RowKey === undefined ? query : { RowKey, ...query });
    return entities;
  };
}

function copyRow(entities: EntityCollection, from: EntityKey, to: readonly EntityKey[]): void {
  const found = entities.findOne({ PartitionKey: from.partitionKey, RowKey: from.rowKey });
  if (found === null) throw new Error(`There is no entity ${from.partitionKey} ${from.rowKey}.`);
  const { properties, ...entity } = found;
  const copies = to.map(({ partitionKey, rowKey }) => ({
    ...entity,
    PartitionKey: partitionKey,
    RowKey: rowKey,
    properties: { ...properties, PartitionKey: partitionKey, RowKey: rowKey },
    // LokiJS's own, which it gives anew.
    $loki: undefined,
    meta: undefined,
  }));
  entities.insert(
    copies.map((copy) => Object.fromEntries(Object.entries(copy).filter(([, value]) => value !== undefined))),
  );
}

function createServer(): TableServer {
  const require = createRequire(import.meta.url);
  leaveOutTelemetry(require);
  const { default: Configuration } = require('azurite/dist/src/table/TableConfiguration.js') as {
    default: new () => object;
  };
  const { default: Server } = require('azurite/dist/src/table/TableServer.js') as {
    default: new (configuration: object) => TableServer;
  };
  const settings = { port: 0, isMemoryPersistence: true, metadataDBPath: 'unused-in-memory', enableDebugLog: false };
  return new Server(Object.assign(new Configuration(), { ...settings, enableAccessLog: false }));
}

/** Telemetry's module loads Application Insights, which patches Node's own modules and doubles the start. */
function leaveOutTelemetry(require: NodeJS.Require): void {
  const id = require.resolve('azurite/dist/src/common/Telemetry.js');
  if (require.cache[id] !== undefined) return;
  const stand = new Module(id);
  stand.exports = { AzuriteTelemetryClient: { TraceRequest: () => undefined } };
  stand.loaded = true;
  require.cache[id] = stand;
}
