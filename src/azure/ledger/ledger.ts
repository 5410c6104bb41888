import type { TableClient } from '@azure/data-tables';
import * as z from 'zod';
import { iso, type RowKind, type RowOf, rowKey } from '../../vending/model/rows.ts';
import type { Moment } from '../../vending/model/transitions.ts';
import type { Ledger, ReadOutcome } from '../../vending/ports/ledger.ts';
import { within } from '../deadline.ts';
import { traceOf } from '../upstream-trace.ts';
import { commitRows } from './commit.ts';
import { listRows } from './list.ts';
import { readValue } from './rows.ts';
import {
  DEADLINE_MS,
  expectBody,
  isRowMissing,
  openTable,
  PARTITION,
  type TableOptions,
  unexpectedAnswer,
  unreachable,
} from './table.ts';

export interface LedgerOptions extends TableOptions {
  /** For the column that shows when a credential is due. */
  readonly timings: Moment['timings'];
}

/** The ledger in Azure Table Storage. Each call ends within five seconds, with its retries. */
export function createLedger({ timings, ...options }: LedgerOptions): Ledger {
  const client = openTable(options);
  return {
    read: (kind, ...parts) => read(client, kind, rowKey(kind, ...parts)),
    commit: (commit) => commitRows(client, timings, commit),
    list: (query) => listRows(client, query),
    listDue: ({ before, ...query }) => listRows(client, { ...query, before: iso(before) }),
    ping: () => ping(client),
  };
}

async function read<Kind extends RowKind>(
  client: TableClient,
  kind: Kind,
  key: string,
): Promise<ReadOutcome<RowOf<Kind>>> {
  try {
    const { etag, document } = await fetchEntity(client, key);
    const value = readValue(kind, key, document);
    return value === undefined ? { kind: 'unreadable' } : { kind: 'found', value, etag };
  } catch (error) {
    const upstream = traceOf('ledger', error);
    return isRowMissing(upstream) ? { kind: 'absent' } : unreachable(upstream);
  }
}

/** Nobody writes it. */
const PING = 'ping';

async function ping(client: TableClient): Promise<boolean> {
  try {
    await fetchEntity(client, PING);
    return true;
  } catch (error) {
    return isRowMissing(traceOf('ledger', error));
  }
}

// A replace without an ETag would be unconditional.
const entitySchema = z.object({ rowKey: z.string(), etag: z.string().min(1), document: z.unknown().optional() });
const bodySchema = z.record(z.string(), z.unknown());

/** @throws RestError; or an error for an answer that is not this row. */
async function fetchEntity(client: TableClient, key: string): Promise<z.infer<typeof entitySchema>> {
  const entity: unknown = await within(DEADLINE_MS, (abortSignal) =>
    client.getEntity(PARTITION, key, { abortSignal, onResponse: expectBody(bodySchema) }),
  );
  const { data } = entitySchema.safeParse(entity);
  if (data?.rowKey !== key) throw unexpectedAnswer(200);
  return data;
}
