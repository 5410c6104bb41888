import { embedAzurite } from './azurite.ts';
import { addAccountToBatch } from './batch.ts';
import type { TablesEngine } from './engine.ts';
import { forward } from './forward.ts';

/** Azurite, in full. It looks through a whole table for a range: for a hundred thousand rows it is too slow. */
export async function startAzuriteEngine(account: string): Promise<TablesEngine> {
  const { createTable, rows, copyRow, close, ...azurite } = await embedAzurite(account);
  return {
    perform: ({ operation, request, style }) => {
      const rewritten = operation === 'batch' && style === 'host';
      const body = rewritten ? addAccountToBatch(request.body, account) : request.body;
      return forward(azurite, { ...request, body });
    },
    ...{ createTable, rows, copyRow, close },
  };
}
