import type { PipelineResponse } from '@azure/core-rest-pipeline';
import * as z from 'zod';
import type { UpstreamTrace } from '../../vending/model/upstream.ts';
import { within } from '../deadline.ts';
import { parseJson } from '../json.ts';
import { traceOf, traceOfResponse } from '../upstream-trace.ts';
import { type RowKey, rowPath } from './rows.ts';
import { type Call, openTableService, type TableServiceOptions } from './table-service.ts';

const DEADLINE_MS = 5_000;

// What the service answers, and nothing else: a proxy's page comes with a 200, or a 202, and proves no write.
const READ = 200;
const WRITTEN = 204;

export interface TableOptions extends TableServiceOptions {
  /** Has to be there: a table made here would be an empty ledger, to which every repetition is a new request. */
  readonly table: string;
}

/** What became of an operation; `failed` may still have taken effect, unless the trace's status says otherwise. */
export type Attempt<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly upstream: UpstreamTrace };

/** Of strings, and numbers that are 32-bit integers: what needs no type beside it. */
export type Row = RowKey & Readonly<Record<string, string | number>>;

export interface Written {
  readonly etag: string | undefined;
}

export interface Page<T> {
  readonly rows: readonly T[];
  /** Absent: there are no more. */
  readonly next?: Continuation;
}

export interface Continuation {
  readonly partitionKey: string;
  readonly rowKey: string | undefined;
}

export interface Query {
  /** OData. */
  readonly filter: string;
  readonly top: number;
  readonly from?: Continuation | undefined;
}

/**
 * One table. No operation throws, not even for a row or key that cannot be made; each ends within five seconds in all,
 * with its retries.
 */
export interface Table {
  insert(row: () => Row): Promise<Attempt<Written>>;
  /** Whatever is there, without an ETag. */
  put(row: () => Row, etag?: string): Promise<Attempt<Written>>;
  /** @param read of the row's properties and its `etag`; what it throws makes the attempt a failed one. */
  get<T>(key: () => RowKey, read: (row: unknown) => T): Promise<Attempt<T>>;
  remove(key: () => RowKey, etag?: string): Promise<Attempt<undefined>>;
  /** A page may have fewer rows than asked for, or none, and still not be the last. */
  query<T>(query: Query, read: (row: unknown) => T): Promise<Attempt<Page<T>>>;
}

const pageSchema = z.object({ value: z.array(z.record(z.string(), z.unknown())) });
const rowSchema = z.record(z.string(), z.unknown());

/**
 * What was unanswered is repeated, so a conflict may be with an earlier try of the same call.
 */
export function openTable({ table, ...service }: TableOptions): Table {
  const send = openTableService(service);
  const run = <T>(expected: number, call: () => Call, read: (response: PipelineResponse) => T): Promise<Attempt<T>> =>
    attempt(expected, (signal) => send(call(), signal), read);
  const at = (key: RowKey): string => `/${table}${rowPath(key)}`;
  const insertion = (row: Row): Call => ({
    method: 'POST',
    path: `/${table}`,
    body: entityOf(row),
    headers: { prefer: 'return-no-content' },
  });
  const replacement = (row: Row, etag: string | undefined): Call => ({
    method: 'PUT',
    path: at(row),
    body: entityOf(row),
    ...(etag !== undefined && { headers: { 'if-match': etag } }),
  });
  return {
    insert: (row) => run(WRITTEN, () => insertion(row()), written),
    put: (row, etag) => run(WRITTEN, () => replacement(row(), etag), written),
    get: (key, read) =>
      run(
        READ,
        () => ({ method: 'GET', path: at(key()) }),
        (response) => {
          const row = rowSchema.parse(parseJson(response.bodyAsText));
          return read({ ...renamed(row), etag: response.headers.get('etag') });
        },
      ),
    remove: (key, etag = '*') =>
      run(
        WRITTEN,
        () => ({ method: 'DELETE', path: at(key()), headers: { 'if-match': etag } }),
        () => undefined,
      ),
    query: (query, read) =>
      run(
        READ,
        () => ({ method: 'GET', path: `/${table}()?${searchOf(query)}` }),
        (response) => pageOf(response, read),
      ),
  };
}

async function attempt<T>(
  expected: number,
  send: (signal: AbortSignal) => Promise<PipelineResponse>,
  read: (response: PipelineResponse) => T,
): Promise<Attempt<T>> {
  try {
    const response = await within(DEADLINE_MS, send);
    if (response.status !== expected) return { kind: 'failed', upstream: refusalOf(response) };
    return { kind: 'done', value: read(response) };
  } catch (error) {
    return { kind: 'failed', upstream: traceOf('ledger', error) };
  }
}

const written = ({ headers }: PipelineResponse): Written => ({ etag: headers.get('etag') });

/** In OData the two keys are spelled with a capital. */
const entityOf = ({ partitionKey: PartitionKey, rowKey: RowKey, ...row }: Row) => ({ PartitionKey, RowKey, ...row });

const renamed = ({ PartitionKey, RowKey, ...row }: Readonly<Record<string, unknown>>) => ({
  ...row,
  partitionKey: PartitionKey,
  rowKey: RowKey,
});

function searchOf({ filter, top, from }: Query): string {
  const search = new URLSearchParams({ $filter: filter, $top: String(top) });
  if (from !== undefined) search.set('NextPartitionKey', from.partitionKey);
  if (from?.rowKey !== undefined) search.set('NextRowKey', from.rowKey);
  // OData reads a plus sign as one.
  return search.toString().replaceAll('+', '%20');
}

function pageOf<T>(response: PipelineResponse, read: (row: unknown) => T): Page<T> {
  const rows = pageSchema.parse(parseJson(response.bodyAsText)).value.map((row) => read(renamed(row)));
  const partitionKey = response.headers.get('x-ms-continuation-nextpartitionkey');
  const rowKey = response.headers.get('x-ms-continuation-nextrowkey');
  return partitionKey === undefined ? { rows } : { rows, next: { partitionKey, rowKey } };
}

const refusalSchema = z.object({ 'odata.error': z.object({ code: z.string() }) });

function refusalOf(response: PipelineResponse): UpstreamTrace {
  const refusal = refusalSchema.safeParse(parseJson(response.bodyAsText)).data;
  return traceOfResponse('ledger', response, refusal?.['odata.error'].code);
}

const NO_ROW: ReadonlySet<string | undefined> = new Set(['ResourceNotFound', 'EntityNotFound']);

/** The table's own word: a 404 from a proxy or for a wrong account proves nothing. */
export const isRowMissing = ({ status, code }: UpstreamTrace): boolean => status === 404 && NO_ROW.has(code);

export const isRowPresent = ({ status, code }: UpstreamTrace): boolean =>
  status === 409 && code === 'EntityAlreadyExists';

export const isStale = ({ status }: UpstreamTrace): boolean => status === 412;
