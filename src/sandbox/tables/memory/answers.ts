import { randomUUID } from 'node:crypto';
import type { EmulatorRequest, EmulatorResponse } from '../../kit/http-service.ts';
import { entityBody, listBody, tableBody } from './bodies.ts';
import type { Format } from './read-request.ts';
import { type Row, splitKey } from './store.ts';
import { SERVICE_VERSION } from './table-error.ts';

/** What the answers to one request have in common. */
export interface AnswerContext {
  readonly request: EmulatorRequest;
  readonly account: string;
  readonly format: Format;
}

type Headers = Readonly<Record<string, string>>;

export const createdTable = (context: AnswerContext, table: string, withContent: boolean): EmulatorResponse =>
  created(context, {}, withContent ? tableBody(context, table) : undefined);

export const insertedEntity = (
  context: AnswerContext,
  table: string,
  row: Row,
  withContent: boolean,
): EmulatorResponse =>
  created(context, { etag: row.version.etag }, withContent ? entityBody(context, table, row) : undefined);

export const foundEntity = (context: AnswerContext, table: string, row: Row): EmulatorResponse =>
  found(context, { etag: row.version.etag }, entityBody(context, table, row));

/** @param next the first row of the following page */
export const foundEntities = (
  context: AnswerContext,
  table: string,
  rows: readonly Row[],
  next: Row | undefined,
): EmulatorResponse => found(context, next === undefined ? {} : continuation(next), listBody(context, table, rows));

export const changed = (context: AnswerContext, { version }: Row): EmulatorResponse => ({
  status: 204,
  headers: { ...commonHeaders(context), etag: version.etag },
});

export const removed = (context: AnswerContext): EmulatorResponse => ({ status: 204, headers: commonHeaders(context) });

/** For what is no request of its kind at all. */
export const BAD_REQUEST: EmulatorResponse = { status: 400 };

function continuation({ key }: Row): Headers {
  const { partitionKey, rowKey } = splitKey(key);
  return {
    'x-ms-continuation-nextpartitionkey': Buffer.from(partitionKey).toString('base64'),
    'x-ms-continuation-nextrowkey': Buffer.from(rowKey).toString('base64'),
  };
}

const created = (context: AnswerContext, headers: Headers, body: string | undefined): EmulatorResponse => ({
  status: body === undefined ? 204 : 201,
  headers: {
    ...typedHeaders(context),
    ...headers,
    'preference-applied': body === undefined ? 'return-no-content' : 'return-content',
  },
  ...(body !== undefined && { body: Buffer.from(body) }),
});

const found = (context: AnswerContext, headers: Headers, body: string): EmulatorResponse => ({
  status: 200,
  headers: { ...typedHeaders(context), ...headers },
  body: Buffer.from(body),
});

const typedHeaders = (context: AnswerContext): Headers => ({
  ...commonHeaders(context),
  'content-type': context.format,
});

function commonHeaders({ request }: AnswerContext): Headers {
  const clientRequestId = request.headers['x-ms-client-request-id'];
  return {
    ...(typeof clientRequestId === 'string' && { 'x-ms-client-request-id': clientRequestId }),
    'x-ms-request-id': randomUUID(),
    'x-ms-version': SERVICE_VERSION,
  };
}
