import * as z from 'zod';
import type { Intent } from '../../vending/intent.ts';
import { type DueRow, type LedgerRow, MALFORMED_ROW } from '../../vending/ports/ledger.ts';
import { parseJson } from '../json.ts';
import { intentSchema } from './intent-schema.ts';

/**
 * Three kinds of row in one table:
 *
 * | partition     | row                        |                                                            |
 * |---------------|----------------------------|------------------------------------------------------------|
 * | the intent id | `intent`                   | one partition each: point reads, and load spreads by itself |
 * | `due`         | `<ISO time>_<intent id>`   | in the order in which they fall due                        |
 * | `name`        | `<vault host>_<name>`      | lower case; neither a host nor a secret's name has a `_`   |
 */
export interface RowKey {
  readonly partitionKey: string;
  readonly rowKey: string;
}

export const intentKey = (intentId: string): RowKey => ({ partitionKey: intentId, rowKey: 'intent' });

export const dueKey = (intentId: string, at: Date): RowKey => ({
  partitionKey: 'due',
  rowKey: `${at.toISOString()}_${intentId}`,
});

/** As OData writes a string. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** As OData addresses a row, percent-encoded. */
export const rowPath = ({ partitionKey, rowKey }: RowKey): string =>
  `(PartitionKey=${encodeURIComponent(quoted(partitionKey))},RowKey=${encodeURIComponent(quoted(rowKey))})`;

export const nameKey = (vaultUrl: string, name: string): RowKey => ({
  partitionKey: 'name',
  rowKey: `${new URL(vaultUrl).host}_${name}`.toLowerCase(),
});

/** The document is the truth; the columns beside it are for the eyes of operators and for their queries. */
export function rowOfIntent(intent: Intent) {
  const { state } = intent;
  const apiKeyId = 'key' in state ? state.key.id : state.kind === 'unknown' ? state.keyId : undefined;
  return {
    ...intentKey(intent.id),
    document: JSON.stringify(intent),
    caller: intent.caller,
    state: state.kind,
    attempt: intent.attempt,
    organization: intent.target.organizationName,
    environment: intent.target.environmentId,
    cluster: intent.target.clusterId,
    vaultUrl: intent.vaultUrl,
    secretName: intent.secretName,
    createdAt: new Date(intent.createdAt).toISOString(),
    dueAt: new Date(intent.dueAt).toISOString(),
    writeId: intent.writeId,
    ...(apiKeyId === undefined ? {} : { apiKeyId }),
  };
}

const intentRow = z.object({ document: z.string(), etag: z.string().min(1) });
const dueRow = z.object({
  rowKey: z.string(),
  intentId: z.string(),
  vaultUrl: z.string().optional(),
  secretName: z.string().optional(),
});
const nameRow = z.object({ intentId: z.string(), etag: z.string().min(1) });
export type NameHolder = z.infer<typeof nameRow>;

/** @throws MalformedRow */
export function intentOfRow(intentId: string, row: unknown): LedgerRow {
  const { document, etag } = parsed(intentRow, row);
  const intent = parsed(intentSchema, parseJson(document));
  if (intent.id !== intentId) throw new MalformedRow();
  return { intent, etag };
}

/** @throws MalformedRow */
export const holderOfName = (row: unknown): NameHolder => parsed(nameRow, row);

export const rowOfDue = ({ intentId, at, claim }: DueRow) => ({ ...dueKey(intentId, at), intentId, ...claim });

/** @throws MalformedRow */
export function dueOfRow(row: unknown): DueRow {
  const { rowKey, intentId, vaultUrl, secretName } = parsed(dueRow, row);
  const at = new Date(rowKey.slice(0, rowKey.indexOf('_')));
  if (Number.isNaN(at.getTime())) throw new MalformedRow();
  return vaultUrl === undefined || secretName === undefined
    ? { intentId, at }
    : { intentId, at, claim: { vaultUrl, secretName } };
}

/** A row that this version cannot read. It says nothing of what it found. */
export class MalformedRow extends Error {
  readonly code = MALFORMED_ROW;
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success) throw new MalformedRow();
  return result.data;
}
