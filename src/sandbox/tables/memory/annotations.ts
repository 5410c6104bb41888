import type { AnswerContext } from './answers.ts';
import { type Row, splitKey } from './store.ts';

/** OData's annotations of a table or an entity. */
export interface Annotations {
  readonly metadata: string;
  readonly type: string;
  readonly id: string;
  readonly editLink: string;
}

/** As Azurite, whose URLs have the account in their path and are plain HTTP, whatever was asked. */
export const urlPrefix = ({ request, account }: AnswerContext): string => `http://${request.headers.host}/${account}/`;

/** Also of the list of a table's entities, and, as Azurite, of an entity whose partition key is empty. */
export function tableAnnotations(context: AnswerContext, table: string): Annotations {
  const editLink = `Tables('${table}')`;
  const prefix = urlPrefix(context);
  return {
    metadata: `${prefix}$metadata#Tables/@Element`,
    type: `${context.account}.Tables`,
    ...{ id: `${prefix}${editLink}`, editLink },
  };
}

export function entityAnnotations(context: AnswerContext, table: string, { key }: Row): Annotations {
  const { partitionKey, rowKey } = splitKey(key);
  if (partitionKey === '') return tableAnnotations(context, table);
  const editLink = `${table}(PartitionKey='${partitionKey}',RowKey='${rowKey}')`;
  const prefix = urlPrefix(context);
  return {
    metadata: `${prefix}$metadata#${table}/@Element`,
    type: `${context.account}.${table}`,
    ...{ id: `${prefix}${editLink}`, editLink },
  };
}
