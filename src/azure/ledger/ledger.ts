import { odata, type TableClient } from '@azure/data-tables';
import * as z from 'zod';
import { type RowKind, type RowOf, rowKey } from '../../vending/model/rows.ts';
import { iso, type Moment } from '../../vending/model/timings.ts';
import type { Ledger, ListOutcome, ListQuery, ReadOutcome } from '../../vending/ports/ledger.ts';
import { within } from '../deadline.ts';
import { traceOf } from '../upstream-trace.ts';
import {
  DEADLINE_MS,
  expectBody,
  isRowMissing,
  openTable,
  PARTITION,
  readValue,
  type TableOptions,
  unexpectedAnswer,
  unreachable,
} from './table.ts';
import { commitRows } from './transaction.ts';

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

/** The service refuses to answer with more. */
const MAX_PAGE = 1_000;
/** The character after `_` in the order of keys. */
const AFTER_SEPARATOR = '`';

export async function listRows<Kind extends RowKind>(
  client: TableClient,
  query: ListQuery<Kind>,
): Promise<ListOutcome<RowOf<Kind>>> {
  try {
    // One more than asked for: the key of the first row that is not returned.
    const found = await within(DEADLINE_MS, (signal) => entitiesOf(client, filterOf(query), query.limit + 1, signal));
    return listed(query, found);
  } catch (error) {
    return unreachable(traceOf('ledger', error));
  }
}

function filterOf({ kind, within: parts = [], before, from }: ListQuery<RowKind>): string {
  const prefix = rowKey(kind, ...parts);
  const start = `${prefix}_`;
  const end = `${prefix}${AFTER_SEPARATOR}`;
  const low = from === undefined ? start : later(start, rowKey(kind, from));
  const high = before === undefined ? end : earlier(end, rowKey(kind, before));
  return odata`PartitionKey eq ${PARTITION} and RowKey ge ${low} and RowKey lt ${high}`;
}

const later = (a: string, b: string): string => (a > b ? a : b);
const earlier = (a: string, b: string): string => (a < b ? a : b);

const listedSchema = z.object({ rowKey: z.string(), document: z.unknown().optional() });
type Found = z.infer<typeof listedSchema>;

/** The service may end a page before it is full, even without a row. */
async function entitiesOf(
  client: TableClient,
  filter: string,
  count: number,
  abortSignal: AbortSignal,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  let continuationToken: string | undefined;
  do {
    const settings = {
      maxPageSize: Math.min(count - found.length, MAX_PAGE),
      ...(continuationToken && { continuationToken }),
    };
    const page = await pageOf(client, filter, settings, abortSignal);
    found.push(...page.entities);
    ({ continuationToken } = page);
  } while (continuationToken !== undefined && found.length < count);
  return found;
}

const pageSchema = z.object({ value: z.array(z.unknown()) });

async function pageOf(
  client: TableClient,
  filter: string,
  settings: { readonly maxPageSize: number; readonly continuationToken?: string },
  abortSignal: AbortSignal,
): Promise<{ readonly entities: readonly Found[]; readonly continuationToken: string | undefined }> {
  const options = {
    queryOptions: { filter, select: ['rowKey', 'document'] },
    abortSignal,
    onResponse: expectBody(pageSchema),
  };
  const { value: page } = await client.listEntities(options).byPage(settings).next();
  return { entities: z.array(listedSchema).parse(page), continuationToken: page.continuationToken };
}

function listed<Kind extends RowKind>(
  { kind, limit }: ListQuery<Kind>,
  found: readonly Found[],
): ListOutcome<RowOf<Kind>> {
  const rows: { readonly key: string; readonly value: RowOf<Kind> }[] = [];
  const unreadable: string[] = [];
  for (const { rowKey: key, document } of found.slice(0, limit)) {
    const value = readValue(kind, key, document);
    if (value === undefined) unreadable.push(key);
    else rows.push({ key, value });
  }
  const following = found[limit];
  const next = following?.rowKey.slice(`${kind}_`.length);
  return { kind: 'listed', rows, unreadable, ...(next !== undefined && { next }) };
}
