import * as z from 'zod';
import { operatorViewOf, operatorViewSchema } from '../answers/credential.ts';
import type { Credential } from '../model/credential.ts';
import { type OpenReason, openReason } from '../model/due.ts';
import { rowOf } from '../model/rows.ts';
import type { Context } from '../saga/context.ts';
import { pageFields } from './list.ts';

/** Why a credential waits for a person. `unreadable`: this version cannot read its row. */
export const OPEN_REASONS = ['unknown', 'undecided', 'rotation-suspended', 'unreadable'] as const satisfies readonly (
  | OpenReason
  | 'unreadable'
)[];

export type OpenCounts = Readonly<Record<(typeof OPEN_REASONS)[number], number>>;

/** Rows counted at most. More than that is as bad. */
const MAX_COUNTED = 1_000;

/** Counts what waits for a person, so that nobody forgets it. @returns undefined where the ledger did not answer. */
export async function countOpen({ ledger, telemetry }: Context): Promise<OpenCounts | undefined> {
  const listed = await ledger.list({ kind: 'open', limit: MAX_COUNTED });
  if (listed.kind === 'unreachable') return undefined;
  const count = (reason: string): number => listed.rows.filter(({ value }) => value.reason === reason).length;
  const counts = {
    unknown: count('unknown'),
    undecided: count('undecided'),
    'rotation-suspended': count('rotation-suspended'),
    unreadable: count('unreadable'),
  };
  for (const reason of OPEN_REASONS) telemetry?.measure('vending.open_credentials', counts[reason], { state: reason });
  return counts;
}

export const openPageSchema = z.strictObject({ credentials: z.array(operatorViewSchema), ...pageFields });
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
