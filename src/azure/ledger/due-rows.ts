import type { DueRow, Ledger, ListDueOutcome, NoteOutcome } from '../../vending/ports/ledger.ts';
import { noteOutcome, unreachable } from './outcomes.ts';
import { dueKey, dueOfRow, quoted, rowOfDue } from './rows.ts';
import { type Continuation, isRowMissing, type Table } from './table.ts';

/** Table Storage refuses to be asked for more at once. */
const MAX_PAGE = 1_000;

/** The index of what is open, in the order in which it falls due. */
export function dueRows(table: Table): Pick<Ledger, 'noteDue' | 'clearDue' | 'listDue'> {
  return {
    noteDue: async (row) => noteOutcome(await table.put(() => rowOfDue(row))),
    clearDue: (intentId, at) => clear(table, intentId, at),
    listDue: (page) => list(table, page),
  };
}

async function clear(table: Table, intentId: string, at: Date): Promise<NoteOutcome> {
  const attempt = await table.remove(() => dueKey(intentId, at));
  return attempt.kind === 'failed' && isRowMissing(attempt.upstream) ? { kind: 'noted' } : noteOutcome(attempt);
}

/** A range of row keys within one partition: the cost is that of the rows given, not of the table. */
async function list(table: Table, { limit, before, from }: Parameters<Ledger['listDue']>[0]): Promise<ListDueOutcome> {
  const end = before === undefined ? '~' : before.toISOString();
  const filter = `PartitionKey eq 'due' and RowKey ge ${quoted(from ?? '')} and RowKey lt ${quoted(end)}`;
  const found: DueRow[] = [];
  let next: Continuation | undefined;
  do {
    const page = await table.query({ filter, top: Math.min(MAX_PAGE, limit + 1 - found.length), from: next }, dueOfRow);
    if (page.kind === 'failed') return unreachable(page.upstream);
    found.push(...page.value.rows);
    next = page.value.next;
  } while (next !== undefined && found.length <= limit);
  const rows = found.slice(0, limit);
  const following = found[limit];
  return following === undefined
    ? { kind: 'listed', rows }
    : { kind: 'listed', rows, next: dueKey(following.intentId, following.at).rowKey };
}
