import type * as z from 'zod';
import { type Credential, statusOf } from '../../vending/model/credential.ts';
import { nextReview } from '../../vending/model/due.ts';
import { iso, ROW_SCHEMAS, type Row, type RowKind, type RowOf, rowOf } from '../../vending/model/rows.ts';
import type { Moment } from '../../vending/model/transitions.ts';
import { parseJson } from '../json.ts';
import { PARTITION } from './table.ts';

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
    return rowOf(kind, value).key === key;
  } catch {
    // A date or a URL that somebody edited makes no key.
    return false;
  }
}
