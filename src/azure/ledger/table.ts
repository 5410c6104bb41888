import type { ExponentialRetryPolicyOptions, HttpClient } from '@azure/core-rest-pipeline';
import { TableClient } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import type * as z from 'zod';
import type { UpstreamTrace } from '../../vending/model/upstream.ts';
import { authenticationPolicy } from '../authentication.ts';

/** All rows stand in it: a transaction cannot reach beyond a partition. */
export const PARTITION = 'ledger';

/** What a call to the ledger may take, with its retries. */
export const DEADLINE_MS = 5_000;

const SCOPE = 'https://storage.azure.com/.default';
const RETRIES = { maxRetries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 1_000 };

export interface TableOptions {
  /** `https://<account>.table.core.windows.net` */
  readonly endpoint: string;
  /** It must exist. A table made here would be an empty ledger, in which every repeated request is a new one. */
  readonly table: string;
  readonly credential: TokenCredential;
  readonly httpClient?: HttpClient;
  readonly retries?: ExponentialRetryPolicyOptions;
}

/**
 * The client gets no credential. It would refresh tokens in the background, and a refresh that fails there ends the
 * process. `authenticationPolicy` asks the credential for each request.
 */
export function openTable({ endpoint, table, credential, httpClient, retries = RETRIES }: TableOptions): TableClient {
  return new TableClient(endpoint, table, {
    additionalPolicies: [{ policy: authenticationPolicy(credential, SCOPE), position: 'perRetry' }],
    retryOptions: retries,
    ...(httpClient !== undefined && { httpClient }),
  });
}

/** For a success that the table service does not answer with: a proxy's page comes with a 200, and proves nothing. */
export const unexpectedAnswer = (status?: number): Error =>
  Object.assign(new Error('The answer is not of the table service.'), {
    code: 'UnexpectedAnswer',
    ...(status !== undefined && { statusCode: status }),
  });

/** The client makes an empty row, or an empty page, of an answer that has none. */
export const expectBody =
  (schema: z.ZodType) =>
  ({ parsedBody, status }: { readonly parsedBody?: unknown; readonly status: number }): void => {
    if (status === 200 && !schema.safeParse(parsedBody).success) throw unexpectedAnswer(status);
  };

export const unreachable = (upstream: UpstreamTrace) => ({ kind: 'unreachable' as const, upstream });

const NO_ROW: ReadonlySet<string | undefined> = new Set(['ResourceNotFound', 'EntityNotFound']);

/** The table says so itself. A 404 of a proxy, or for a table that is gone, proves nothing. */
export const isRowMissing = ({ status, code }: UpstreamTrace): boolean => status === 404 && NO_ROW.has(code);

export const isRowPresent = ({ status, code }: UpstreamTrace): boolean =>
  status === 409 && code === 'EntityAlreadyExists';

export const isStale = ({ status }: UpstreamTrace): boolean => status === 412;
