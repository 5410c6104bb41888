import type { EntityKey } from '../engine.ts';
import { createOrderedKeys } from './ordered-keys.ts';
import type { Property } from './properties.ts';
import {
  conditionNotSatisfied,
  entityAlreadyExists,
  entityNotFound,
  tableAlreadyExists,
  tableNotFound,
} from './table-error.ts';

/** When a row was written last; copies of a row share it. */
export interface Version {
  /** ISO 8601 with seven digits after the second. */
  readonly timestamp: string;
  readonly etag: string;
}

export interface Row {
  /** See {@link joinKey}. */
  readonly key: string;
  readonly version: Version;
  readonly properties: readonly Property[];
}

export interface Table {
  read(key: string): Row | undefined;
  /** @throws TableError where there is such a row */
  insert(key: string, properties: readonly Property[]): Row;
  /** Without a condition also where there is no row. @throws TableError where the condition is not met */
  replace(key: string, properties: readonly Property[], ifMatch: string | undefined): Row;
  /** @throws TableError where the condition is not met */
  remove(key: string, ifMatch: string): void;
  /** Up to so many rows in order of their keys, from `start` on and before `end`. */
  range(start: string, end: string | undefined, count: number): Row[];
  /** @throws Error where there is no such row */
  copy(from: string, to: readonly string[]): void;
}

/** No key has a NUL: joined keys sort as pairs do. */
export const joinKey = (partitionKey: string, rowKey: string): string => `${partitionKey}\0${rowKey}`;

export function splitKey(key: string): EntityKey {
  const at = key.indexOf('\0');
  return { partitionKey: key.slice(0, at), rowKey: key.slice(at + 1) };
}

export interface Store {
  /** @throws TableError where there is one of that name, in any spelling */
  create(name: string): void;
  /** @throws TableError where there is none */
  table(name: string): Table;
}

export function createStore(now: () => number): Store {
  const tables = new Map<string, Table>();
  const names = new Set<string>();
  const nextVersion = versions(now);
  return {
    create: (name) => {
      if (names.has(name.toLowerCase())) throw tableAlreadyExists();
      names.add(name.toLowerCase());
      tables.set(name, createTable(nextVersion));
    },
    table: (name) => {
      // As Azurite: the real service finds a table by any spelling of its name.
      const found = tables.get(name.toLowerCase()) ?? tables.get(name);
      if (found === undefined) throw tableNotFound();
      return found;
    },
  };
}

function createTable(nextVersion: () => Version): Table {
  const rows = new Map<string, Row>();
  const keys = createOrderedKeys();
  const put = (row: Row): Row => {
    if (!rows.has(row.key)) keys.insert(row.key);
    rows.set(row.key, row);
    return row;
  };
  return {
    read: (key) => rows.get(key),
    insert: (key, properties) => {
      if (rows.has(key)) throw entityAlreadyExists();
      return put({ key, version: nextVersion(), properties });
    },
    replace: (key, properties, ifMatch) => {
      if (ifMatch !== undefined) checkMatch(rows.get(key), withoutColons(ifMatch));
      return put({ key, version: nextVersion(), properties });
    },
    remove: (key, ifMatch) => {
      checkMatch(rows.get(key), ifMatch);
      rows.delete(key);
      keys.remove(key);
    },
    range: (start, end, count) => keys.range(start, end, count).flatMap((key) => rows.get(key) ?? []),
    copy: (from, to) => {
      const row = rows.get(from);
      if (row === undefined) throw new Error(`There is no entity ${from.replace('\0', ' ')}.`);
      for (const key of to.toSorted()) put({ key, version: row.version, properties: row.properties });
    },
  };
}

function checkMatch(row: Row | undefined, ifMatch: string): void {
  if (row === undefined) throw entityNotFound();
  if (ifMatch !== '*' && row.version.etag !== ifMatch) throw conditionNotSatisfied();
}

/** Some clients send an ETag's colons as they are. Azurite takes them for an update, not for a deletion. */
const withoutColons = (etag: string): string => etag.replace(':', '%3A').replace(':', '%3A');

/** No two are the same: within a millisecond they are counted. */
function versions(now: () => number): () => Version {
  let [last, count] = [0, 0];
  return () => {
    const time = now();
    if (time > last) [last, count] = [time, 0];
    else if (++count > 9_999) [last, count] = [last + 1, 0];
    const timestamp = `${new Date(last).toISOString().slice(0, -1)}${String(count).padStart(4, '0')}Z`;
    return { timestamp, etag: `W/"datetime'${encodeURIComponent(timestamp)}'"` };
  };
}
