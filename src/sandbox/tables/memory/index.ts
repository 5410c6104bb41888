import type { EmulatorResponse } from '../../kit/http-service.ts';
import type { TableCall, TablesEngine } from '../engine.ts';
import { tableOperation } from '../operations.ts';
import type { AnswerContext } from './answers.ts';
import { perform } from './operations.ts';
import { formatOf, MINIMAL_METADATA } from './read-request.ts';
import { readRows } from './rows.ts';
import { createStore, joinKey } from './store.ts';
import { notImplemented, TableError } from './table-error.ts';

/**
 * The requests that the ledger sends, answered as Azurite answers them, within microseconds and for a million rows.
 * Whatever else is asked is refused with 501 `NotImplementedInMemory`.
 *
 * Unlike Azurite it never gives two versions of a row the same ETag, and sends no `Server` header.
 */
export function createMemoryEngine(account: string): TablesEngine {
  const store = createStore(Date.now);
  const answer = (call: TableCall): EmulatorResponse => {
    const format = formatOf(call);
    try {
      if (format === undefined) throw notImplemented('such a format');
      const context: AnswerContext = { request: call.request, account, format };
      return perform(store, context, call);
    } catch (error) {
      if (error instanceof TableError) return error.toResponse(format ?? MINIMAL_METADATA);
      throw error;
    }
  };
  return {
    perform: answer,
    createTable: async (table) => store.create(table),
    rows: (table) =>
      readRows(table, (request) => {
        const path = request.rawPath;
        return answer({ operation: tableOperation(request.method, path), request, style: 'host', path });
      }),
    copyRow: (table, from, to) =>
      store.table(table).copy(
        joinKey(from.partitionKey, from.rowKey),
        to.map(({ partitionKey, rowKey }) => joinKey(partitionKey, rowKey)),
      ),
    close: async () => undefined,
  };
}
