import type { Intent } from '../../vending/intent.ts';
import type { UpstreamTrace } from '../../vending/model/upstream.ts';
import type { Ledger, NoteOutcome, ReadOutcome, WriteOutcome } from '../../vending/ports/ledger.ts';
import { dueRows } from './due-rows.ts';
import { nameRows } from './name-rows.ts';
import { noteOutcome, unreachable } from './outcomes.ts';
import { intentKey, intentOfRow, type RowKey, rowOfIntent } from './rows.ts';
import {
  type Attempt,
  isRowMissing,
  isRowPresent,
  isStale,
  openTable,
  type Table,
  type TableOptions,
  type Written,
} from './table.ts';

/** The ledger in Azure Table Storage. */
export function createLedger(options: TableOptions): Ledger {
  const table = openTable(options);
  return {
    read: (intentId) => read(table, intentId),
    insert: async (intent) => writeOutcome(await table.insert(() => rowOfIntent(intent)), intent, isRowPresent),
    replace: async (intent, etag) => {
      const attempt = await table.put(() => rowOfIntent(intent), etag);
      return writeOutcome(attempt, intent, (upstream) => isStale(upstream) || isRowMissing(upstream));
    },
    remove: async (intentId, etag) => {
      const attempt = await table.remove(() => intentKey(intentId), etag);
      if (attempt.kind === 'done' || isRowMissing(attempt.upstream)) return 'written';
      return isStale(attempt.upstream) ? 'conflict' : 'unreachable';
    },
    ...dueRows(table),
    ...nameRows(table),
    ping: () => ping(table),
  };
}

async function read(table: Table, intentId: string): Promise<ReadOutcome> {
  const attempt = await table.get(
    () => intentKey(intentId),
    (row) => intentOfRow(intentId, row),
  );
  if (attempt.kind === 'done') return { kind: 'found', row: attempt.value };
  return isRowMissing(attempt.upstream) ? { kind: 'absent' } : unreachable(attempt.upstream);
}

function writeOutcome(
  attempt: Attempt<Written>,
  intent: Intent,
  isConflict: (upstream: UpstreamTrace) => boolean,
): WriteOutcome {
  if (attempt.kind === 'failed')
    return isConflict(attempt.upstream) ? { kind: 'conflict' } : unreachable(attempt.upstream);
  const { etag } = attempt.value;
  // An absent ETag would make the next replace an unconditional one.
  if (etag === undefined || etag === '') return unreachable({ service: 'ledger', code: 'NoETag' });
  return { kind: 'written', row: { intent, etag } };
}

const PING: RowKey = { partitionKey: 'ping', rowKey: 'ping' };

async function ping(table: Table): Promise<NoteOutcome> {
  const attempt = await table.get(
    () => PING,
    () => undefined,
  );
  return attempt.kind === 'failed' && isRowMissing(attempt.upstream) ? { kind: 'noted' } : noteOutcome(attempt);
}
