import * as z from 'zod';
import { type Credential, isIdle } from '../model/credential.ts';
import { credentialIdOf } from '../model/idempotency.ts';
import { LEDGER_UNAVAILABLE, type Problem, problemOf } from '../model/problems.ts';
import { rowOf } from '../model/rows.ts';
import { type Bulk, type BulkState, commitAct, markMembers, stateOf } from '../review/bulk.ts';
import type { Context } from '../saga/context.ts';
import { everyCredential, filterSchema, matches } from './filter.ts';

export const bulkSchema = z
  .strictObject({
    operation: z.enum(['revoke', 'rotate'], { error: 'must be revoke or rotate' }),
    filter: filterSchema.refine((filter) => Object.keys(filter).length > 0, 'must have at least one condition'),
    validateOnly: z.boolean('must be true or false').exactOptional(),
    expect: z.int('must be a whole number').min(0, 'must not be negative').exactOptional().meta({
      description: 'The count of the dry run. If another number would be affected now, nothing is done.',
    }),
  })
  .refine(({ validateOnly, expect }) => validateOnly === true || expect !== undefined, {
    path: ['expect'],
    error: 'is required: the count of the dry run',
  });
export type BulkRequest = z.infer<typeof bulkSchema>;

export const bulkPreviewSchema = z.strictObject({
  state: z.literal('previewed'),
  operation: z.enum(['revoke', 'rotate']),
  count: z.int(),
  credentials: z
    .array(z.string())
    .meta({ description: 'Ids of the first 1,000. The list of credentials takes the same filter.' }),
  unreadable: z.array(z.string()).meta({
    description: 'Ids of credentials that this version cannot read. They may belong to the filter, and are left alone.',
  }),
});
export type BulkPreview = z.infer<typeof bulkPreviewSchema>;

export type Started =
  | { readonly kind: 'started'; readonly bulk: Bulk; readonly state: BulkState; readonly isReplay: boolean }
  | { readonly kind: 'previewed'; readonly preview: BulkPreview }
  | { readonly kind: 'problem'; readonly problem: Problem };

export interface BulkCommand {
  /** In the audit trail. */
  readonly by: string;
  readonly key: string;
  readonly request: BulkRequest;
}

const SHOWN = 1_000;
/** Rows of one transaction. */
const MAX_BATCH = 100;
/** Transactions at once. */
const LANES = 8;
/** The first members are marked right after the start. */
const FIRST_MARKS_MS = 15_000;

/** What a bulk operation would do. */
export async function previewBulk(ctx: Context, { operation, filter }: BulkRequest): Promise<Started> {
  const found = await membersOf(ctx, { operation, filter });
  if (found === undefined) return problem(LEDGER_UNAVAILABLE);
  const { members, unreadable } = found;
  const ids = members.map(({ id }) => id);
  const shown = { count: ids.length, credentials: ids.slice(0, SHOWN), unreadable: unreadable.slice(0, SHOWN) };
  return { kind: 'previewed', preview: { state: 'previewed', operation, ...shown } };
}

/**
 * Revokes or rotates what a filter names. The row of the operation is inserted first, so one idempotency key starts once.
 * Then its members are written, and only then anything is done. The reconciler goes on where this process dies.
 */
export async function startBulk(ctx: Context, { by, key, request }: BulkCommand): Promise<Started> {
  const id = credentialIdOf(by, { kind: 'key', key });
  const known = await ctx.ledger.read('bulk', id);
  if (known.kind === 'unreachable' || known.kind === 'unreadable') return problem(LEDGER_UNAVAILABLE);
  if (known.kind === 'found') return replay(ctx, known.value, request);
  const createdAt = ctx.clock.now();
  const found = await membersOf(ctx, request);
  if (found === undefined) return problem(LEDGER_UNAVAILABLE);
  const { operation, filter, expect } = request;
  const count = found.members.length;
  if (expect !== count || count === 0) return problem(differs(count));
  const bulk: Bulk = { id, operation, filter: { ...filter }, by, createdAt, count, startId: ctx.ids.writeId() };
  if (!(await isInserted(ctx, bulk))) return problem(UNFINISHED);
  if (!(await writeMembers(ctx, id, found.members))) return problem(UNFINISHED);
  const rows = { put: [rowOf('bulk', bulk), rowOf('marking', { id })] };
  const begun = await commitAct(ctx, rows, { bulk, sequence: 0, state: 'running', at: createdAt });
  if (begun.kind !== 'committed') return problem(UNFINISHED);
  ctx.backgroundTasks(() => markMembers(ctx, { id }, ctx.clock.now() + FIRST_MARKS_MS));
  return { kind: 'started', bulk, state: 'running', isReplay: false };
}

/** Two starts may have one idempotency key: one of them inserts the row. An insert without an answer is looked for. */
async function isInserted({ ledger, timings }: Context, bulk: Bulk): Promise<boolean> {
  const inserted = await ledger.commit({
    insert: [rowOf('bulk', { ...bulk, preparing: true })],
    // So that one that died among its members is forgotten too.
    put: [rowOf('prune', { id: bulk.id, at: bulk.createdAt + timings.retentionMs })],
  });
  if (inserted.kind === 'committed') return true;
  const read = await ledger.read('bulk', bulk.id);
  return read.kind === 'found' && read.value.startId === bulk.startId;
}

const problem = (why: Problem): Extract<Started, { kind: 'problem' }> => ({ kind: 'problem', problem: why });

const differs = (count: number): Problem =>
  problemOf(
    'bulk-conflict',
    `The filter names ${count} credentials now, and expect has to be that number, 1 or more. Nothing was done.`,
  );

/** A start takes as long as an HTTP invocation may, and its last commit may land until the settling time is over. */
const UNFINISHED = problemOf(
  'bulk-conflict',
  'Another start with this idempotency key is under way, or did not end. Send the request again in five minutes: it answers how far it is. If it says this then, nothing was done: begin another operation with another idempotency key.',
);

async function replay(ctx: Context, bulk: Bulk, request: BulkRequest): Promise<Started> {
  const isSame =
    bulk.operation === request.operation &&
    bulk.count === request.expect &&
    JSON.stringify(bulk.filter) === JSON.stringify(request.filter);
  if (!isSame)
    return problem(problemOf('idempotency-key-reused', 'This idempotency key belongs to another bulk operation.'));
  if (bulk.preparing === true) return problem(UNFINISHED);
  const now = await stateOf(ctx, bulk.id);
  return now === undefined ? problem(LEDGER_UNAVAILABLE) : { kind: 'started', bulk, state: now.state, isReplay: true };
}

interface Member {
  readonly id: string;
  readonly apiKeyId?: string | undefined;
}

/** The credentials that would be affected, in the ledger's order. Undefined: the ledger did not answer. */
async function membersOf(
  ctx: Context,
  { operation, filter }: BulkRequest,
): Promise<{ readonly members: readonly Member[]; readonly unreadable: readonly string[] } | undefined> {
  const members: Member[] = [];
  const scanned = await everyCredential(ctx, (row) => {
    if (matches(filter, row) && isAffected(operation, row)) members.push({ id: row.id, apiKeyId: row.current?.key.id });
  });
  return scanned && { members, unreadable: scanned.unreadable };
}

/** True if a bulk operation would change it. */
export const isAffected = (operation: BulkRequest['operation'], row: Credential): boolean =>
  row.revocation === undefined && (operation === 'revoke' ? !isIdle(row) : row.current !== undefined);

async function writeMembers({ ledger }: Context, bulk: string, members: readonly Member[]): Promise<boolean> {
  const rows = members.map(({ id, apiKeyId }) =>
    rowOf('member', { bulk, id, ...(apiKeyId !== undefined && { apiKeyId }) }),
  );
  const batches = Array.from({ length: Math.ceil(rows.length / MAX_BATCH) }, (_, at) =>
    rows.slice(at * MAX_BATCH, (at + 1) * MAX_BATCH),
  );
  const left = batches.values();
  let isWhole = true;
  const lane = async (): Promise<void> => {
    for (const put of left) {
      // The lanes share the word: only a failure may write it.
      if ((await ledger.commit({ put })).kind !== 'committed') isWhole = false;
      if (!isWhole) return;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return isWhole;
}

export const bulkChangeSchema = z.strictObject({
  state: z.enum(['running', 'paused', 'cancelled'], { error: 'must be running, paused or cancelled' }),
});

/** Pauses, resumes or cancels. Marked members go on. If two changes come at once, one is refused. */
export async function changeBulk(ctx: Context, id: string, state: BulkState): Promise<Started> {
  const read = await ctx.ledger.read('bulk', id);
  if (read.kind === 'absent') return problem(NO_BULK);
  if (read.kind !== 'found') return problem(LEDGER_UNAVAILABLE);
  const now = await stateOf(ctx, id);
  if (now === undefined) return problem(LEDGER_UNAVAILABLE);
  if (now.state === state) return { kind: 'started', bulk: read.value, state, isReplay: true };
  if (now.state === 'cancelled') return problem(CANCELLED);
  const [number, at] = [now.changes + 1, ctx.clock.now()];
  const rows = { insert: [rowOf('bulkchange', { bulk: id, number, state, by: ctx.actor.name, at })] };
  const changed = await commitAct(ctx, rows, { bulk: read.value, sequence: number, state, at });
  if (changed.kind !== 'committed')
    return problem(changed.kind === 'conflict' ? CHANGED_MEANWHILE : LEDGER_UNAVAILABLE);
  return { kind: 'started', bulk: read.value, state, isReplay: false };
}

export const NO_BULK = problemOf('not-found', 'There is no bulk operation with this id.');
const CANCELLED = problemOf('bulk-conflict', 'The bulk operation was cancelled. Begin another one.');
const CHANGED_MEANWHILE = problemOf(
  'bulk-conflict',
  'Somebody changed the bulk operation at the same time. Read it, and decide again.',
);
