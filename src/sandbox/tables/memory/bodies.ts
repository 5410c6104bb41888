import { type Annotations, entityAnnotations, tableAnnotations } from './annotations.ts';
import type { AnswerContext } from './answers.ts';
import { FULL_METADATA, NO_METADATA } from './read-request.ts';
import { type Row, splitKey } from './store.ts';

/** Written as text: what a property's value was is not written anew for each answer. */
export function tableBody(context: AnswerContext, table: string): string {
  const { metadata, type, id, editLink } = tableAnnotations(context, table);
  const name = member('TableName', table);
  switch (context.format) {
    case NO_METADATA:
      return `{${name}}`;
    case FULL_METADATA:
      return `{${[member('odata.metadata', metadata), name, ...links({ type, id, editLink })].join(',')}}`;
    default:
      return `{${member('odata.metadata', metadata)},${name}}`;
  }
}

export function entityBody(context: AnswerContext, table: string, row: Row): string {
  const { metadata, ...rest } = entityAnnotations(context, table, row);
  const [type, id, editLink] = links(rest);
  const etag = member('odata.etag', row.version.etag);
  const values = valuesOf(context, row);
  switch (context.format) {
    case NO_METADATA:
      return `{${values}}`;
    case FULL_METADATA:
      return `{${[member('odata.metadata', metadata), type, id, etag, editLink, values].join(',')}}`;
    default:
      return `{${member('odata.metadata', metadata)},${etag},${values}}`;
  }
}

export function listBody(context: AnswerContext, table: string, rows: readonly Row[]): string {
  const value = `"value":[${rows.map((row) => listed(context, table, row)).join(',')}]`;
  if (context.format === NO_METADATA) return `{${value}}`;
  return `{${member('odata.metadata', tableAnnotations(context, table).metadata)},${value}}`;
}

function listed(context: AnswerContext, table: string, row: Row): string {
  const etag = member('odata.etag', row.version.etag);
  const values = valuesOf(context, row);
  switch (context.format) {
    case NO_METADATA:
      return `{${values}}`;
    case FULL_METADATA:
      return `{${[etag, ...links(entityAnnotations(context, table, row)), values].join(',')}}`;
    default:
      return `{${etag},${values}}`;
  }
}

function valuesOf({ format }: AnswerContext, { key, version, properties }: Row): string {
  const { partitionKey, rowKey } = splitKey(key);
  let text = `${member('PartitionKey', partitionKey)},${member('RowKey', rowKey)}`;
  for (const { name, value, type } of properties) {
    if (type !== undefined && format !== NO_METADATA) text += `,"${name}@odata.type":"${type}"`;
    text += `,"${name}":${value}`;
  }
  if (format === FULL_METADATA) text += ',"Timestamp@odata.type":"Edm.DateTime"';
  return `${text},"Timestamp":"${version.timestamp}"`;
}

const links = ({ type, id, editLink }: Omit<Annotations, 'metadata'>): [string, string, string] => [
  member('odata.type', type),
  member('odata.id', id),
  member('odata.editLink', editLink),
];

const member = (name: string, value: string): string => `"${name}":${JSON.stringify(value)}`;
