import type { EntityKey, TableCall } from '../engine.ts';
import type { JsonObject } from './properties.ts';
import { invalidInput, notImplemented } from './table-error.ts';

const JSON_TYPE = 'application/json';
export const NO_METADATA = `${JSON_TYPE};odata=nometadata`;
export const MINIMAL_METADATA = `${JSON_TYPE};odata=minimalmetadata`;
export const FULL_METADATA = `${JSON_TYPE};odata=fullmetadata`;
const FORMATS = [NO_METADATA, MINIMAL_METADATA, FULL_METADATA] as const;
/** How much an answer says of itself. */
export type Format = (typeof FORMATS)[number];

/** The metadata level of the answer; nothing where it is none that is known. */
export function formatOf({ request: { headers } }: TableCall): Format | undefined {
  const accept = headers.accept?.replaceAll(/\s/g, '');
  return accept === JSON_TYPE ? MINIMAL_METADATA : FORMATS.find((format) => format === accept);
}

const VERSION = '2019-02-02';
const ENTITY = /^\/([A-Za-z0-9]+)\(PartitionKey='((?:[^']|'')*)',RowKey='((?:[^']|'')*)'\)$/;
const TABLE = /^\/([A-Za-z0-9]+)(?:\(\))?$/;
const PARAMETERS: readonly string[] = ['$filter', '$top', 'NextPartitionKey', 'NextRowKey'];

/** Refuses what would change an operation in a way that is not known here. @throws TableError */
export function checkRequest({ operation, request: { headers, query } }: TableCall): void {
  if ((headers['x-ms-version'] ?? VERSION) !== VERSION) throw notImplemented('any service version but 2019-02-02');
  if (headers['x-http-method'] !== undefined) throw notImplemented('a method within a method');
  const known = operation === 'query' ? PARAMETERS : [];
  for (const name of query.keys()) {
    if (!known.includes(name) || query.getAll(name).length > 1) throw notImplemented(`the parameter ${name}`);
  }
}

/** @throws TableError */
export function tableIn({ path }: TableCall): string {
  const [, table] = TABLE.exec(path) ?? [];
  if (table === undefined || isReserved(table)) throw notImplemented('such a path');
  return table;
}

/** @throws TableError */
export function entityIn({ path }: TableCall): EntityKey & { readonly table: string } {
  const [, table, partitionKey, rowKey] = ENTITY.exec(decoded(path)) ?? [];
  // A slash, however it is written, ends the name of the table for Azurite.
  const isWhole = partitionKey?.includes('/') === false && rowKey?.includes('/') === false;
  if (table === undefined || isReserved(table) || !isWhole) throw notImplemented('such a path');
  return { table, partitionKey: unquoted(partitionKey), rowKey: unquoted(rowKey) };
}

const MAX_KEY = 512;
const NOT_IN_KEYS = /[\p{Cc}/\\#?]/u;

/** @throws TableError */
export function checkKeys(...keys: readonly string[]): void {
  if (keys.some((key) => key.length > MAX_KEY || NOT_IN_KEYS.test(key))) throw invalidInput();
}

/** Nothing where it is no JSON. @throws TableError where it is other JSON than an object */
export function objectIn({ request: { body, headers } }: TableCall): JsonObject | undefined {
  if (headers['content-type']?.startsWith(JSON_TYPE) !== true) throw notImplemented('such a content type');
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw notImplemented('such a body');
  return value as JsonObject;
}

/** Whether the answer to an insertion has a body. @throws TableError */
export function prefersContent({ request: { headers } }: TableCall): boolean {
  const { prefer = 'return-content' } = headers;
  if (prefer !== 'return-content' && prefer !== 'return-no-content') throw notImplemented('such a preference');
  return prefer === 'return-content';
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw notImplemented('such a path');
  }
}

const isReserved = (table: string): boolean => table.toLowerCase() === 'tables';

const unquoted = (text: string): string => text.replaceAll("''", "'");
