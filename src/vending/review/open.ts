import type { OpenReason } from '../model/due.ts';
import type { Context } from '../saga/context.ts';

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
