import { odata, type TableClient } from '@azure/data-tables';
import type { DueRow, Ledger, ListDueOutcome, NoteOutcome } from '../../vending/ports/ledger.ts';
import { noteOutcome, unreachable } from './outcomes.ts';
import { dueKey, dueOfRow, rowOfDue } from './rows.ts';
import { isRowMissing, type RunOperation } from './table.ts';

/** The index of what is open, in the order in which it falls due. */
export function dueRows(run: RunOperation): Pick<Ledger, 'noteDue' | 'clearDue' | 'listDue'> {
  return {
    noteDue: async (row) => noteOutcome(await run((table, call) => table.upsertEntity(rowOfDue(row), 'Replace', call))),
    clearDue: (intentId, at) => clear(run, intentId, at),
    listDue: (page) => list(run, page),
  };
}

async function clear(run: RunOperation, intentId: string, at: Date): Promise<NoteOutcome> {
  const attempt = await run((table, call) => {
    const { partitionKey, rowKey } = dueKey(intentId, at);
    return table.deleteEntity(partitionKey, rowKey, call);
  });
  return attempt.kind === 'failed' && isRowMissing(attempt.upstream) ? { kind: 'noted' } : noteOutcome(attempt);
}

async function list(run: RunOperation, page: Parameters<Ledger['listDue']>[0]): Promise<ListDueOutcome> {
  const attempt = await run((table, { abortSignal }) => onePage(table, page, abortSignal));
  return attempt.kind === 'done' ? { kind: 'listed', ...attempt.value } : unreachable(attempt.upstream);
}

/** A range of row keys within one partition: the cost is that of the rows given, not of the table. */
async function onePage(
  table: TableClient,
  { limit, before, from }: Parameters<Ledger['listDue']>[0],
  abortSignal: AbortSignal,
): Promise<{ rows: readonly DueRow[]; next?: string }> {
  const end = before === undefined ? '~' : before.toISOString();
  const filter = odata`PartitionKey eq 'due' and RowKey ge ${from ?? ''} and RowKey lt ${end}`;
  const pages = table.listEntities({ queryOptions: { filter }, abortSignal }).byPage({ maxPageSize: limit + 1 });
  const entities: unknown[] = [];
  for await (const page of pages) {
    entities.push(...page);
    if (entities.length > limit) break;
  }
  const rows = entities.slice(0, limit).map(dueOfRow);
  const [following] = entities.slice(limit, limit + 1).map(dueOfRow);
  return following === undefined ? { rows } : { rows, next: dueKey(following.intentId, following.at).rowKey };
}
