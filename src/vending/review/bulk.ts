import type { RowOf } from '../model/rows.ts';
import { rowKey, rowOf } from '../model/rows.ts';
import { TRANSITIONS } from '../model/transitions.ts';
import { commitWhileAllowed, readCredential } from '../saga/commit.ts';
import type { Context } from '../saga/context.ts';

export type Bulk = RowOf<'bulk'>;

/** Bulk operations at once. */
const MAX_BULKS = 20;
/** Members marked in one run. The reviews that follow share ARM's budget with everybody else. */
const MAX_IN_A_RUN = 300;
const LANES = 8;

/**
 * Goes on with what operators asked to be done to many credentials. It only marks them: a revocation is recorded, or the
 * date of the next rotation becomes now. Their reviews do the rest, with their own pace, proofs and back-off.
 *
 * Marking twice does no harm, so any number of runs may do it and die anywhere.
 */
export async function continueBulks(ctx: Context): Promise<void> {
  const listed = await ctx.ledger.list({ kind: 'marking', limit: MAX_BULKS });
  if (listed.kind === 'unreachable') return;
  for (const { value } of listed.rows) await markMembers(ctx, value);
}

/** Marks the next members of a bulk operation, unless it was paused or cancelled. */
export async function markMembers(ctx: Context, { id, from }: RowOf<'marking'>): Promise<void> {
  const { ledger } = ctx;
  const read = await ledger.read('bulk', id);
  if (read.kind === 'unreachable' || read.kind === 'unreadable') return;
  if (read.kind === 'absent' || read.value.state !== 'running') {
    await ledger.commit({ remove: [rowKey('marking', id)] });
    return;
  }
  const listed = await ledger.list({ kind: 'member', within: [id], from, limit: MAX_IN_A_RUN });
  if (listed.kind === 'unreachable') return;
  const bulk = read.value;
  const left = listed.rows.values();
  let isWhole = true;
  const lane = async (): Promise<void> => {
    for (const { value } of left) isWhole = (await mark(ctx, bulk, value.id)) && isWhole;
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  // A member that the ledger did not answer for is marked by the next run, with all the others of this one.
  if (!isWhole) return;
  await ledger.commit(
    listed.next === undefined
      ? { remove: [rowKey('marking', id)] }
      : { put: [rowOf('marking', { id, from: listed.next })] },
  );
}

/** @returns false where the ledger did not answer */
async function mark(asked: Context, bulk: Bulk, id: string): Promise<boolean> {
  const ctx: Context = { ...asked, actor: { party: 'operator', name: `${bulk.by} bulk:${bulk.id}` } };
  const read = await readCredential(ctx, id);
  if (read.kind !== 'found') return read.kind === 'absent';
  const marked =
    bulk.operation === 'revoke'
      ? await commitWhileAllowed(ctx, read.row, TRANSITIONS.revoke, { by: bulk.by })
      : await commitWhileAllowed(ctx, read.row, TRANSITIONS.scheduleRotation, { vendedBefore: bulk.createdAt });
  // It is not allowed where somebody revoked or rotated it meanwhile.
  return marked.kind === 'committed' || marked.kind === 'not-allowed';
}
