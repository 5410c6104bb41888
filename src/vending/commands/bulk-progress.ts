import * as z from 'zod';
import type { Credential } from '../model/credential.ts';
import { openReason } from '../model/due.ts';
import { LEDGER_UNAVAILABLE, type Problem } from '../model/problems.ts';
import type { RowOf } from '../model/rows.ts';
import { CLOCK_SKEW_MS } from '../model/timings.ts';
import { type Bulk, type BulkState, isVendedAnew, stateOf, textsOf } from '../review/bulk.ts';
import type { Context } from '../saga/context.ts';
import { isAffected, NO_BULK } from './bulk.ts';
import { everyCredential, everyMember, type Filter, filterSchema, matches } from './filter.ts';

export const bulkViewSchema = z
  .strictObject({
    id: z.string(),
    operation: z.enum(['revoke', 'rotate']),
    filter: z.record(z.string(), z.string()),
    by: z.string(),
    createdAt: z.iso.datetime(),
    state: z.enum(['preparing', 'running', 'paused', 'cancelled']),
    count: z.int(),
  })
  .meta({ description: 'A bulk operation.' });

export const bulkProgressSchema = z
  .strictObject({
    ...bulkViewSchema.shape,
    done: z.int(),
    left: z.int().meta({ description: 'Neither done nor failed. After a cancellation they stay as they are.' }),
    failed: z.array(z.strictObject({ id: z.string(), reason: z.string() })).meta({ description: 'The first 1,000.' }),
    failedCount: z.int(),
    remaining: z.array(z.string()).meta({
      description: 'The first 1,000 that the filter names now and that are no members: begin another operation.',
    }),
    remainingCount: z.int(),
    unreadable: z.array(z.string()).meta({ description: 'Ids of credentials that this version cannot read.' }),
  })
  .meta({ description: 'How far a bulk operation is.' });
export type BulkProgress = z.infer<typeof bulkProgressSchema>;

const SHOWN = 1_000;

/** The operation alone, without a look at its members. */
export const bulkViewOf = (bulk: Bulk, state: BulkState): z.infer<typeof bulkViewSchema> => {
  const { id, operation, by, count, createdAt, preparing } = bulk;
  const filter = textsOf(bulk.filter);
  return {
    id,
    operation,
    filter,
    by,
    createdAt: iso(createdAt),
    state: preparing === true ? 'preparing' : state,
    count,
  };
};

type Read =
  | { readonly kind: 'read'; readonly progress: BulkProgress }
  | { readonly kind: 'problem'; readonly problem: Problem };

/** How far a bulk operation is, as the rows of its members say now. Nothing is counted beside them. */
export async function readBulk(ctx: Context, id: string): Promise<Read> {
  const read = await ctx.ledger.read('bulk', id);
  if (read.kind === 'absent') return { kind: 'problem', problem: NO_BULK };
  const now = read.kind === 'found' ? await stateOf(ctx, id) : undefined;
  const marking = await ctx.ledger.read('marking', id);
  if (read.kind !== 'found' || now === undefined || marking.kind === 'unreachable') return UNREACHABLE;
  const bulk = read.value;
  const isMarked = marking.kind === 'absent' && bulk.preparing !== true && now.state !== 'cancelled';
  const filter = filterSchema.safeParse(textsOf(bulk.filter)).data;
  const members = new Map<string, RowOf<'member'>>();
  const failed: { id: string; reason: string }[] = [];
  const remaining: string[] = [];
  let left = 0;
  if (!(await everyMember(ctx, id, (member) => members.set(member.id, member)))) return UNREACHABLE;
  const scanned = await everyCredential(ctx, (row) => {
    const member = members.get(row.id);
    if (member === undefined) {
      if (filter !== undefined && isRemaining(bulk, filter, row)) remaining.push(row.id);
      return;
    }
    const standing = isVendedAnew(row, bulk, ctx) ? 'done' : STANDING[bulk.operation](row, member);
    const isSkipped = isMarked && standing === 'left' && !wasMarked(row, bulk, ctx.clock.now());
    if (isSkipped) failed.push({ id: row.id, reason: 'not-marked' });
    else if (standing === 'left') left++;
    else if (standing !== 'done') failed.push({ id: row.id, reason: standing.reason });
  });
  if (scanned === undefined) return UNREACHABLE;
  failed.push(
    ...scanned.unreadable.filter((each) => members.has(each)).map((each) => ({ id: each, reason: 'unreadable' })),
  );
  return {
    kind: 'read',
    progress: {
      ...bulkViewOf(bulk, now.state),
      // A member without a row was revoked and forgotten.
      done: members.size - left - failed.length,
      left,
      failed: failed.slice(0, SHOWN),
      failedCount: failed.length,
      remaining: remaining.slice(0, SHOWN),
      remainingCount: remaining.length,
      unreadable: scanned.unreadable.slice(0, SHOWN),
    },
  };
}

const UNREACHABLE = { kind: 'problem', problem: LEDGER_UNAVAILABLE } as const;

const isRemaining = ({ operation }: Bulk, filter: Filter, row: Credential): boolean =>
  matches(filter, row) && isAffected(operation, row);

type Standing = 'done' | 'left' | { readonly reason: string };

const STANDING: Readonly<Record<Bulk['operation'], (row: Credential, member: RowOf<'member'>) => Standing>> = {
  revoke: (row) => {
    if (row.closed !== undefined) return 'done';
    return row.revocation === undefined ? 'left' : openOr(row, 'left');
  },
  rotate: (row, { apiKeyId }) => {
    const { current, revocation, failure } = row;
    if (revocation !== undefined || current === undefined) return { reason: 'revoked' };
    if (current.key.id !== apiKeyId) return 'done';
    // It failed after it was asked for. Two instances wrote the dates.
    const askedAt = current.rotationAskedAt ?? Number.POSITIVE_INFINITY;
    if (failure?.forRotation === true && failure.since >= askedAt - CLOCK_SKEW_MS)
      return { reason: failure.problem.type };
    return openOr(row, 'left');
  },
};

/** A row that could not be read when its turn came is not marked, although all the others are. */
function wasMarked({ revocation, current }: Credential, { operation, createdAt }: Bulk, now: number): boolean {
  if (operation === 'revoke') return revocation !== undefined;
  const rotateAt = current?.rotateAt ?? 0;
  return rotateAt >= createdAt - CLOCK_SKEW_MS && rotateAt <= now + CLOCK_SKEW_MS;
}

/** An attempt that needs a person is not done by waiting. */
const openOr = (row: Credential, otherwise: Standing): Standing => {
  const open = openReason(row);
  return open === undefined ? otherwise : { reason: open.reason };
};

const iso = (at: number): string => new Date(at).toISOString();
