import type { EmulatorRequest, EmulatorResponse } from '../kit/http-service.ts';
import type { TableOperation } from './operations.ts';

/** A request that the front let pass. */
export interface TableCall {
  readonly operation: TableOperation;
  readonly request: EmulatorRequest;
  /** Where the request has the account's name. */
  readonly style: 'host' | 'path';
  /** Percent-encoded, below the account. */
  readonly path: string;
}

export interface EntityKey {
  readonly partitionKey: string;
  readonly rowKey: string;
}

/** What stands behind the front: keeps the tables of one account and answers for them. */
export interface TablesEngine {
  perform(call: TableCall): EmulatorResponse | Promise<EmulatorResponse>;
  /** As a deployment does it: past the service. */
  createTable(table: string): Promise<void>;
  /** Every entity of a table. @throws RestError where there is no such table */
  rows(table: string): Promise<Record<string, unknown>[]>;
  /** Copies an entity under other keys, past the service. @throws Error where there is no such entity */
  copyRow(table: string, from: EntityKey, to: readonly EntityKey[]): void;
  close(): Promise<void>;
}
