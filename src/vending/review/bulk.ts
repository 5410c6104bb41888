import type { BulkRecord } from '../model/audit.ts';
import type { Credential } from '../model/credential.ts';
import { type RowOf, rowKey, rowOf } from '../model/rows.ts';
import { TRANSITIONS } from '../model/transitions.ts';
import type { CommitOutcome, RowChanges, Stored } from '../ports/ledger.ts';
import { stackFramesOf } from '../ports/telemetry.ts';
import { commitWhileAllowed } from '../saga/commit.ts';
import type { Context } from '../saga/context.ts';

export type Bulk = RowOf<'bulk'>;
export type BulkState = RowOf<'bulkchange'>['state'];

/** Bulk operations of a page. */
const MAX_BULKS = 100;
/** Members marked in one run. Their reviews share the next run, and ARM's budget, with everybody else's. */
const MAX_IN_A_RUN = 100;
/** After so many members the operator may have paused or cancelled. */
const MARKED_AT_ONCE = 20;
const MAX_DURATION_MS = 15_000;

/**
 * Goes on with what operators asked to be done to many credentials. It only marks them: a revocation is recorded, or the
 * date of the next rotation becomes now. Their reviews do the rest, with their own proofs and back-off.
 *
 * Marking twice does no harm, so any number of runs may do it and die anywhere.
 */
export async function continueBulks(ctx: Context): Promise<void> {
  const until = ctx.clock.now() + MAX_DURATION_MS;
  let from: string | undefined;
  do {
    const listed = await ctx.ledger.list({ kind: 'marking', limit: MAX_BULKS, from });
    if (listed.kind === 'unreachable') return;
    for (const { value } of listed.rows) {
      if (ctx.clock.now() >= until) return;
      // A defect that one operation shows must not end the run for all the others.
      await markMembers(ctx, value, until).catch((error: unknown) =>
        ctx.log({ level: 'error', event: 'defect', state: value.id, stack: stackFramesOf(error) }),
      );
    }
    from = listed.next;
  } while (from !== undefined);
}

/** Undefined where the ledger did not answer. */
export async function stateOf(
  { ledger }: Pick<Context, 'ledger'>,
  bulk: string,
): Promise<{ readonly state: BulkState; readonly changes: number } | undefined> {
  const listed = await ledger.list({ kind: 'bulkchange', within: [bulk], limit: 900 });
  if (listed.kind === 'unreachable') return undefined;
  return { state: listed.rows.at(-1)?.value.state ?? 'running', changes: listed.rows.length };
}

/** Marks the next members of a bulk operation, unless it was paused or cancelled. */
export async function markMembers(ctx: Context, { id, from }: RowOf<'marking'>, until: number): Promise<void> {
  const { ledger } = ctx;
  const read = await ledger.read('bulk', id);
  if (read.kind !== 'found') return;
  let next = from;
  for (let marked = 0; marked < MAX_IN_A_RUN && ctx.clock.now() < until; marked += MARKED_AT_ONCE) {
    const now = await stateOf(ctx, id);
    if (now === undefined || now.state === 'paused') return;
    const isCancelled = now.state === 'cancelled';
    const listed = await ledger.list({ kind: 'member', within: [id], from: next, limit: MARKED_AT_ONCE });
    if (listed.kind === 'unreachable') return;
    const results = isCancelled ? [] : await Promise.all(listed.rows.map(({ value }) => mark(ctx, read.value, value)));
    // A member that the ledger did not answer for is marked by the next run, with all the others of this step.
    if (results.includes('unreachable')) return;
    next = listed.next;
    if (isCancelled || next === undefined) {
      await ledger.commit({ remove: [rowKey('marking', id)] });
      return;
    }
    await ledger.commit({ put: [rowOf('marking', { id, from: next })] });
  }
}

/**
 * The member was forgotten, and its idempotency key vended anew. That takes as long as a revocation is remembered. A member
 * that was vended while the others were read has a later date than the operation too, and so has one by a clock ahead.
 */
export const isVendedAnew = ({ createdAt }: Credential, bulk: Bulk, { timings }: Pick<Context, 'timings'>): boolean =>
  createdAt > bulk.createdAt + timings.retentionMs / 2;

async function mark(asked: Context, bulk: Bulk, { id, apiKeyId }: RowOf<'member'>): Promise<'over' | 'unreachable'> {
  const by = `${bulk.by} bulk:${bulk.id}`;
  const ctx: Context = { ...asked, actor: { party: 'operator', name: by } };
  const read = await ctx.ledger.read('credential', id);
  if (read.kind === 'unreachable') return 'unreachable';
  // Operators see it among what failed, and the alert for such rows.
  if (read.kind === 'unreadable') ctx.log({ level: 'error', event: 'row-unreadable', credentialId: id });
  if (read.kind !== 'found') return 'over';
  const row: Stored = { credential: read.value, etag: read.etag };
  if (isVendedAnew(read.value, bulk, ctx)) return 'over';
  const marked =
    bulk.operation === 'revoke'
      ? await commitWhileAllowed(ctx, row, TRANSITIONS.revoke, { by })
      : await commitWhileAllowed(ctx, row, TRANSITIONS.scheduleRotation, {
          keyId: apiKeyId ?? '',
          since: bulk.createdAt,
        });
  // It is not allowed where somebody revoked or rotated it meanwhile.
  return marked.kind === 'committed' || marked.kind === 'not-allowed' ? 'over' : 'unreachable';
}

interface Act {
  readonly bulk: Bulk;
  readonly sequence: BulkRecord['sequence'];
  readonly state: BulkRecord['state'];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Commits what an operator does to a bulk operation, together with its audit record. */
export async function commitAct(
  ctx: Context,
  rows: Pick<RowChanges, 'insert' | 'put'>,
  { bulk, sequence, state, at }: Act,
): Promise<CommitOutcome> {
  const { id, operation, count } = bulk;
  const record: BulkRecord = {
    id: `${id}.${sequence}`,
    at: new Date(at).toISOString(),
    actor: ctx.actor.name,
    bulkId: id,
    sequence,
    state,
    operation,
    filter: textsOf(bulk.filter),
    count,
  };
  const audit = rowOf('audit', { id, at, sequence, part: 0, body: JSON.stringify(record) });
  const committed = await ctx.ledger.commit({ ...rows, put: [...(rows.put ?? []), audit] });
  if (committed.kind === 'committed')
    ctx.outbox.publish({ audit: [{ key: audit.key, record }], events: [] }, ctx.audit);
  return committed;
}

/** A filter as its operator wrote it: the row has dates as milliseconds, and they are its only numbers. */
export const textsOf = (filter: Bulk['filter']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(filter).map(([name, value]) => [
      name,
      typeof value === 'number' ? new Date(value).toISOString() : value,
    ]),
  );
