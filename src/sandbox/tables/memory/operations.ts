import type { EmulatorResponse } from '../../kit/http-service.ts';
import type { TableCall } from '../engine.ts';
import { MAX_PAGE } from '../operations.ts';
import {
  type AnswerContext,
  BAD_REQUEST,
  changed,
  createdTable,
  foundEntities,
  foundEntity,
  insertedEntity,
  removed,
} from './answers.ts';
import { rangeOf, startingAt } from './filter.ts';
import { checkSizes, propertiesOf } from './properties.ts';
import { checkKeys, checkRequest, entityIn, objectIn, prefersContent, tableIn } from './read-request.ts';
import { joinKey, type Store } from './store.ts';
import {
  bodyTooLarge,
  conditionNotSatisfied,
  entityNotFound,
  entityTooLarge,
  invalidInput,
  nameInvalid,
  nameOutOfRange,
  notImplemented,
  propertiesNeedValue,
} from './table-error.ts';

/** Checks come in Azurite's order. @throws TableError */
export function perform(store: Store, context: AnswerContext, call: TableCall): EmulatorResponse {
  checkRequest(call);
  const { operation, request } = call;
  switch (operation) {
    case 'createTable':
      return createTable(store, context, call);
    case 'insert':
      return insert(store, context, call);
    case 'get':
      return get(store, context, call);
    case 'query':
      return query(store, context, call);
    case 'replace':
      if (request.method !== 'PUT') throw notImplemented('merging');
      return replace(store, context, call);
    case 'delete':
      return remove(store, context, call);
    case 'deleteTable':
    case 'queryTables':
    case 'batch':
    case 'unknown':
      throw notImplemented(operation);
  }
}

const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MAX_ENTITY_BYTES = 1024 * 1024;

const TABLE_NAME = /^[A-Za-z][A-Za-z0-9]+$/;

function createTable(store: Store, context: AnswerContext, call: TableCall): EmulatorResponse {
  const body = objectIn(call);
  if (body === undefined) return BAD_REQUEST;
  const { TableName: name, ...others } = body;
  const isPlain = typeof name === 'string' && name !== '' && !name.startsWith('$') && Object.keys(others).length === 0;
  if (!isPlain) throw notImplemented('such a table');
  if (name.length < 3 || name.length > 63) throw nameOutOfRange();
  if (!TABLE_NAME.test(name) || name.toLowerCase() === 'tables') throw nameInvalid();
  const withContent = prefersContent(call);
  store.create(name);
  return createdTable(context, name, withContent);
}

function insert(store: Store, context: AnswerContext, call: TableCall): EmulatorResponse {
  const name = tableIn(call);
  const withContent = prefersContent(call);
  const body = objectIn(call);
  if (body === undefined) return BAD_REQUEST;
  if (call.request.body.length > MAX_BODY_BYTES) throw bodyTooLarge();
  const { PartitionKey: partitionKey, RowKey: rowKey } = body;
  if (isAbsent(partitionKey) || isAbsent(rowKey)) throw propertiesNeedValue();
  if (typeof partitionKey !== 'string' || typeof rowKey !== 'string') throw notImplemented('a key that is no string');
  checkKeys(partitionKey, rowKey);
  checkSizes(body);
  const properties = propertiesOf(body);
  const row = store.table(name).insert(joinKey(partitionKey, rowKey), properties);
  return insertedEntity(context, name, row, withContent);
}

function get(store: Store, context: AnswerContext, call: TableCall): EmulatorResponse {
  const { table, partitionKey, rowKey } = entityIn(call);
  const row = store.table(table).read(joinKey(partitionKey, rowKey));
  if (row === undefined) throw entityNotFound();
  return foundEntity(context, table, row);
}

function replace(store: Store, context: AnswerContext, call: TableCall): EmulatorResponse {
  const { table, partitionKey, rowKey } = entityIn(call);
  const body = objectIn(call);
  if (body === undefined) return BAD_REQUEST;
  if (call.request.body.length > MAX_ENTITY_BYTES) throw entityTooLarge();
  checkSizes(body);
  const ifMatch = call.request.headers['if-match'];
  if (ifMatch !== undefined) checkCondition(ifMatch);
  checkKeys(partitionKey, rowKey);
  const properties = propertiesOf(body);
  return changed(context, store.table(table).replace(joinKey(partitionKey, rowKey), properties, ifMatch));
}

function remove(store: Store, context: AnswerContext, call: TableCall): EmulatorResponse {
  const { table, partitionKey, rowKey } = entityIn(call);
  const ifMatch = call.request.headers['if-match'];
  if (ifMatch === undefined) return BAD_REQUEST;
  checkCondition(ifMatch);
  store.table(table).remove(joinKey(partitionKey, rowKey), ifMatch);
  return removed(context);
}

function query(store: Store, context: AnswerContext, call: TableCall): EmulatorResponse {
  const name = tableIn(call);
  const table = store.table(name);
  const { query: parameters } = call.request;
  const { start, end } = startingAt(rangeOf(parameters.get('$filter') ?? ''), continuationIn(parameters));
  const count = pageSizeIn(parameters);
  const rows = table.range(start, end, count + 1);
  return foundEntities(context, name, rows.slice(0, count), rows[count]);
}

function pageSizeIn(parameters: URLSearchParams): number {
  const top = parameters.get('$top') ?? String(MAX_PAGE);
  if (!/^\d{1,9}$/.test(top)) throw notImplemented('such a page size');
  return Number(top);
}

/** As Azurite writes them, and the real service in its own way: base64 of the keys. */
function continuationIn(parameters: URLSearchParams): string {
  const [partitionKey, rowKey] = ['NextPartitionKey', 'NextRowKey'].map((name) => parameters.get(name));
  if (isAbsent(partitionKey) && isAbsent(rowKey)) return '';
  if (isAbsent(partitionKey) || isAbsent(rowKey)) throw notImplemented('half a continuation');
  return joinKey(Buffer.from(partitionKey, 'base64').toString(), Buffer.from(rowKey, 'base64').toString());
}

/** An ETag has to be a weak one. */
function checkCondition(ifMatch: string): void {
  if (ifMatch === '') throw conditionNotSatisfied();
  if (ifMatch !== '*' && !/^[wW]\/"([^"]|\\")*"$/.test(ifMatch)) throw invalidInput();
}

const isAbsent = (value: unknown): value is null | undefined => value === null || value === undefined;
