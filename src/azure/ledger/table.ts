import type { ExponentialRetryPolicyOptions, HttpClient } from '@azure/core-rest-pipeline';
import { TableClient } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import type * as z from 'zod';
import { type Credential, statusOf } from '../../vending/model/credential.ts';
import { nextReview } from '../../vending/model/due.ts';
import { isKeyOf, ROW_SCHEMAS, type Row, type RowKind, type RowOf, rowOf } from '../../vending/model/rows.ts';
import { iso, type Moment } from '../../vending/model/timings.ts';
import type { UpstreamTrace } from '../../vending/model/tracing.ts';
import { authenticationPolicy, parseJson, USER_AGENT } from '../http.ts';

/** All rows stand in it: a transaction cannot reach beyond a partition. */
export const PARTITION = 'ledger';

/** The time limit of a call to the ledger with its retries, in ms. */
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
    userAgentOptions: { userAgentPrefix: USER_AGENT },
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

const SCHEMAS: { readonly [Kind in RowKind]: z.ZodType<RowOf<Kind>> } = ROW_SCHEMAS;

/** A row of the table. `document` holds the value. */
export interface Entity {
  readonly partitionKey: string;
  readonly rowKey: string;
  readonly document: string;
}

export const entityOf = ({ key, value }: Row): Entity => ({
  partitionKey: PARTITION,
  rowKey: key,
  document: JSON.stringify(value),
});

/** With columns that operators read and search by. Nothing here reads them back. */
export function entityOfCredential(credential: Credential, timings: Moment['timings']): Entity {
  const { caller, target, grant, vaultUrl, secretName, current, previous, work, createdAt } = credential;
  const next = nextReview(credential, { timings });
  const columns = {
    status: statusOf(credential),
    caller,
    organization: target.organizationName,
    environment: target.environmentId,
    cluster: target.clusterId,
    vaultUrl,
    secretName,
    rule: grant.rule,
    apiKeyId: current?.key.id ?? work?.keyId,
    previousKeyId: previous?.keyId,
    createdAt: iso(createdAt),
    dueAt: next === undefined ? undefined : iso(next.at),
  };
  return { ...entityOf(rowOf('credential', credential)), ...columns };
}

/** The value of the row with this key; undefined where this version cannot read it, or it is not this row's. */
export function readValue<Kind extends RowKind>(kind: Kind, key: string, document: unknown): RowOf<Kind> | undefined {
  const { data } = SCHEMAS[kind].safeParse(typeof document === 'string' ? parseJson(document) : undefined);
  return data !== undefined && hasKey(kind, data, key) ? data : undefined;
}

function hasKey<Kind extends RowKind>(kind: Kind, value: RowOf<Kind>, key: string): boolean {
  try {
    return isKeyOf(kind, value, key);
  } catch {
    // A date or a URL that somebody edited makes no key.
    return false;
  }
}
