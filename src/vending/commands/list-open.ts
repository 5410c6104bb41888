import * as z from 'zod';
import { operatorViewOf, operatorViewSchema } from '../answers/operator-view.ts';
import type { Credential } from '../model/credential.ts';
import { openReason } from '../model/due.ts';
import { rowOf } from '../model/rows.ts';
import type { OPEN_REASONS } from '../review/open.ts';
import type { Context } from '../saga/context.ts';

export const openPageSchema = z.strictObject({
  credentials: z.array(operatorViewSchema),
  unreadable: z
    .array(z.string())
    .exactOptional()
    .meta({ description: 'Ids of credentials whose row this version cannot read.' }),
  next: z
    .string()
    .exactOptional()
    .meta({ description: 'Give it back as `cursor` for the next page; absent at the end.' }),
});
export type OpenPage = z.infer<typeof openPageSchema>;

export interface ListOpenCommand {
  /** Absent: any. */
  readonly reason?: (typeof OPEN_REASONS)[number] | undefined;
  /** Rows looked at; a page may show fewer credentials, or none, and still have a next one. */
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * One page of what waits for a person, the longest first.
 *
 * @returns undefined where the ledger did not answer
 */
export async function listOpen(
  { ledger }: Pick<Context, 'ledger'>,
  { reason, limit, cursor }: ListOpenCommand,
): Promise<OpenPage | undefined> {
  const listed = await ledger.list({ kind: 'open', from: cursor, limit });
  if (listed.kind === 'unreachable') return undefined;
  const rows = listed.rows.filter(({ value }) => reason === undefined || value.reason === reason);
  const credentials: Credential[] = [];
  const unreadable: string[] = [];
  for (const { key, value } of rows) {
    const read = await ledger.read('credential', value.id);
    if (read.kind === 'unreachable') return undefined;
    if (read.kind === 'unreadable') unreadable.push(value.id);
    else if (read.kind === 'found' && isOpenSince(read.value, key)) credentials.push(read.value);
    // An earlier version of this service, or a lost row, left it behind.
    else await ledger.commit({ remove: [key] });
  }
  return {
    credentials: credentials.map(operatorViewOf),
    ...(unreadable.length > 0 && { unreadable }),
    ...(listed.next !== undefined && { next: listed.next }),
  };
}

function isOpenSince(row: Credential, key: string): boolean {
  const open = openReason(row);
  return open !== undefined && rowOf('open', { id: row.id, ...open }).key === key;
}
