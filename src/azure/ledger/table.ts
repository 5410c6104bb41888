import { TableClient, type TableServiceClientOptions } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import type { UpstreamTrace } from '../../vending/upstream.ts';
import { within } from '../deadline.ts';
import { traceOf } from '../upstream-trace.ts';

const DEADLINE_MS = 5_000;
const RETRIES = { maxRetries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 1_000 };

export interface TableOptions {
  /** `https://<account>.table.core.windows.net` */
  readonly endpoint: string;
  /** Made when it is first found missing. */
  readonly table: string;
  readonly credential: TokenCredential;
  readonly clientOptions?: TableServiceClientOptions;
}

export type Operation<T> = (table: TableClient, options: { readonly abortSignal: AbortSignal }) => Promise<T>;

/** What became of an operation; `failed` may still have taken effect, unless the trace's status says otherwise. */
export type Attempt<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly upstream: UpstreamTrace };

export type RunOperation = <T>(operation: Operation<T>) => Promise<Attempt<T>>;

/**
 * Runs operations on one table, each within five seconds in all.
 *
 * The SDK repeats what went unanswered, so a conflict may be with an earlier try of the same call.
 */
export function openTable({ endpoint, table, credential, clientOptions }: TableOptions): RunOperation {
  const client = new TableClient(endpoint, table, credential, { retryOptions: RETRIES, ...clientOptions });
  return async (operation) => {
    try {
      const value = await within(DEADLINE_MS, (abortSignal) => runOrCreate(client, operation, abortSignal));
      return { kind: 'done', value };
    } catch (error) {
      return { kind: 'failed', upstream: traceOf('ledger', error) };
    }
  };
}

async function runOrCreate<T>(client: TableClient, operation: Operation<T>, abortSignal: AbortSignal): Promise<T> {
  try {
    return await operation(client, { abortSignal });
  } catch (error) {
    if (traceOf('ledger', error).code !== 'TableNotFound') throw error;
    await client.createTable({ abortSignal });
    return operation(client, { abortSignal });
  }
}

const NO_ROW: ReadonlySet<string | undefined> = new Set(['ResourceNotFound', 'EntityNotFound']);

/** The table's own word: a 404 from a proxy or for a wrong account proves nothing. */
export const isRowMissing = ({ status, code }: UpstreamTrace): boolean => status === 404 && NO_ROW.has(code);

export const isRowPresent = ({ status, code }: UpstreamTrace): boolean =>
  status === 409 && code === 'EntityAlreadyExists';

export const isStale = ({ status }: UpstreamTrace): boolean => status === 412;
