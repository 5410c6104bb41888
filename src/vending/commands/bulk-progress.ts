import * as z from 'zod';
import type { Credential } from '../model/credential.ts';
import { openReason } from '../model/due.ts';
import { LEDGER_UNAVAILABLE, NOT_FOUND, type Problem } from '../model/problems.ts';
import type { Bulk } from '../review/bulk.ts';
import type { Context } from '../saga/context.ts';
import { filterSchema, matches } from './filter.ts';
import { everyCredential, everyMember } from './scan.ts';

const dateTime = () => z.iso.datetime();

export const bulkProgressSchema = z
  .strictObject({
    id: z.string(),
    operation: z.enum(['revoke', 'rotate']),
    filter: z.record(z.string(), z.unknown()),
    by: z.string(),
    createdAt: dateTime(),
    state: z.enum(['running', 'paused', 'cancelled', 'done']),
    count: z.int(),
    done: z.int(),
    left: z.int().meta({ description: 'Neither done nor failed. After a cancellation they stay as they are.' }),
    failed: z
      .array(z.strictObject({ id: z.string(), reason: z.string() }))
      .meta({ description: 'The first 1,000. Reviews go on with them, unless the reason is final.' }),
    failedCount: z.int(),
    vendedSince: z.array(z.string()).meta({
      description: 'The first 1,000 credentials that the filter names, and that were vended after the start.',
    }),
    vendedSinceCount: z.int(),
  })
  .meta({ description: 'How far a bulk operation is.' });
export type BulkProgress = z.infer<typeof bulkProgressSchema>;

const SHOWN = 1_000;

type Standing = 'done' | 'left' | { readonly reason: string };

/** How far a bulk operation is, as the rows of its members say now. Nothing is counted beside them. */
export async function readBulk(
  ctx: Context,
  id: string,
): Promise<
  { readonly kind: 'read'; readonly progress: BulkProgress } | { readonly kind: 'problem'; readonly problem: Problem }
> {
  const read = await ctx.ledger.read('bulk', id);
  if (read.kind === 'absent') return { kind: 'problem', problem: NOT_FOUND };
  if (read.kind !== 'found') return { kind: 'problem', problem: LEDGER_UNAVAILABLE };
  const bulk = read.value;
  const filter = filterSchema.safeParse(textsOf(bulk.filter)).data ?? {};
  const members = new Set<string>();
  const failed: { id: string; reason: string }[] = [];
  const since: string[] = [];
  let left = 0;
  const isWhole =
    (await everyMember(ctx, id, (member) => members.add(member))) &&
    (await everyCredential(ctx, (row) => {
      if (!members.has(row.id)) {
        if (beganAt(row) >= bulk.createdAt && matches(filter, row)) since.push(row.id);
        return;
      }
      const standing = STANDING[bulk.operation](row, bulk);
      if (standing === 'left') left++;
      else if (standing !== 'done') failed.push({ id: row.id, reason: standing.reason });
    }));
  if (!isWhole) return { kind: 'problem', problem: LEDGER_UNAVAILABLE };
  // A member without a row was revoked and forgotten.
  const done = members.size - left - failed.length;
  const state = bulk.state === 'running' && left === 0 && failed.length === 0 ? 'done' : bulk.state;
  return {
    kind: 'read',
    progress: {
      ...{ id, operation: bulk.operation, filter: textsOf(bulk.filter), by: bulk.by, state },
      createdAt: new Date(bulk.createdAt).toISOString(),
      ...{ count: bulk.count, done, left },
      failed: failed.slice(0, SHOWN),
      failedCount: failed.length,
      vendedSince: since.slice(0, SHOWN),
      vendedSinceCount: since.length,
    },
  };
}

/** When its newest key was vended, or is being made. */
const beganAt = ({ createdAt, current, work }: Credential): number =>
  Math.max(createdAt, current?.vendedAt ?? 0, work?.claimedAt ?? 0);

const STANDING: Readonly<Record<Bulk['operation'], (row: Credential, bulk: Bulk) => Standing>> = {
  revoke: (row) => (row.closed === undefined ? openOr(row, 'left') : 'done'),
  rotate: (row, { createdAt }) => {
    const { current, revocation, failure } = row;
    if (revocation !== undefined || current === undefined) return { reason: 'revoked' };
    if (current.vendedAt >= createdAt) return 'done';
    if (failure?.forRotation === true && failure.since >= createdAt) return { reason: failure.problem.type };
    return openOr(row, 'left');
  },
};

/** Waiting does not finish a member that waits for a person. */
const openOr = (row: Credential, otherwise: Standing): Standing => {
  const open = openReason(row);
  return open === undefined ? otherwise : { reason: open.reason };
};

const DATES = ['vendedBefore', 'vendedAfter', 'expiresBefore', 'expiresAfter'];

/** A filter as its operator wrote it: the row has dates as milliseconds. */
const textsOf = (filter: Bulk['filter']): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(filter).map(([name, value]) => [name, DATES.includes(name) ? new Date(value).toISOString() : value]),
  );
