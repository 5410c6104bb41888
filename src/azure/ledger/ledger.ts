import type { Intent } from '../../vending/intent.ts';
import type { Ledger, NoteOutcome, ReadOutcome, WriteOutcome } from '../../vending/ports/ledger.ts';
import type { UpstreamTrace } from '../../vending/upstream.ts';
import { dueRows } from './due-rows.ts';
import { nameRows } from './name-rows.ts';
import { noteOutcome, unreachable } from './outcomes.ts';
import { intentKey, intentOfRow, rowOfIntent } from './rows.ts';
import {
  type Attempt,
  isRowMissing,
  isRowPresent,
  isStale,
  openTable,
  type RunOperation,
  type TableOptions,
} from './table.ts';

/** The ledger in Azure Table Storage. */
export function createLedger(options: TableOptions): Ledger {
  const run = openTable(options);
  return {
    read: (intentId) => read(run, intentId),
    insert: async (intent) => {
      const attempt = await run((table, call) => table.createEntity(rowOfIntent(intent), call));
      return writeOutcome(attempt, intent, isRowPresent);
    },
    replace: async (intent, etag) => {
      const attempt = await run((table, call) => table.updateEntity(rowOfIntent(intent), 'Replace', { ...call, etag }));
      return writeOutcome(attempt, intent, (upstream) => isStale(upstream) || isRowMissing(upstream));
    },
    remove: async (intentId, etag) => {
      const { partitionKey, rowKey } = intentKey(intentId);
      const attempt = await run((table, call) => table.deleteEntity(partitionKey, rowKey, { ...call, etag }));
      if (attempt.kind === 'done' || isRowMissing(attempt.upstream)) return 'written';
      return isStale(attempt.upstream) ? 'conflict' : 'unreachable';
    },
    ...dueRows(run),
    ...nameRows(run),
    ping: () => ping(run),
  };
}

async function read(run: RunOperation, intentId: string): Promise<ReadOutcome> {
  const { partitionKey, rowKey } = intentKey(intentId);
  const attempt = await run(async (table, call) =>
    intentOfRow(intentId, await table.getEntity(partitionKey, rowKey, call)),
  );
  if (attempt.kind === 'done') return { kind: 'found', row: attempt.value };
  return isRowMissing(attempt.upstream) ? { kind: 'absent' } : unreachable(attempt.upstream);
}

function writeOutcome(
  attempt: Attempt<{ etag?: string }>,
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

async function ping(run: RunOperation): Promise<NoteOutcome> {
  const attempt = await run((table, call) => table.getEntity('ping', 'ping', call));
  return attempt.kind === 'failed' && isRowMissing(attempt.upstream) ? { kind: 'noted' } : noteOutcome(attempt);
}
