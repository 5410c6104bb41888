import * as z from 'zod';
import { type Credential, isIdle } from '../model/credential.ts';
import { credentialIdOf } from '../model/idempotency.ts';
import { LEDGER_UNAVAILABLE, NOT_FOUND, type Problem, problemOf } from '../model/problems.ts';
import { rowKey, rowOf } from '../model/rows.ts';
import { type Bulk, markMembers } from '../review/bulk.ts';
import type { Context } from '../saga/context.ts';
import { filterSchema, matches } from './filter.ts';
import { everyCredential, everyMember } from './scan.ts';

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
  operation: z.enum(['revoke', 'rotate']),
  count: z.int(),
  credentials: z
    .array(z.string())
    .meta({ description: 'Ids of the first 1,000. The list of credentials takes the same filter.' }),
});
export type BulkPreview = z.infer<typeof bulkPreviewSchema>;

export type Started =
  | { readonly kind: 'started'; readonly bulk: Bulk; readonly isReplay: boolean }
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

/**
 * Revokes or rotates what a filter names. Its members are fixed before anything happens, in rows of their own. The
 * reconciler goes on with it where this process dies.
 */
export async function startBulk(ctx: Context, { by, key, request }: BulkCommand): Promise<Started> {
  const id = credentialIdOf(by, { kind: 'key', key });
  const known = await ctx.ledger.read('bulk', id);
  if (known.kind === 'unreachable' || known.kind === 'unreadable') return problem(LEDGER_UNAVAILABLE);
  if (known.kind === 'found') return replay(known.value, request);
  const affected = await idsOf(ctx, request);
  if (affected === undefined) return problem(LEDGER_UNAVAILABLE);
  const { operation, filter, expect } = request;
  const count = affected.length;
  if (request.validateOnly === true)
    return { kind: 'previewed', preview: { operation, count, credentials: affected.slice(0, SHOWN) } };
  if (expect !== count) return problem(differs(count));
  const bulk: Bulk = { id, operation, filter: { ...filter }, by, createdAt: ctx.clock.now(), count, state: 'running' };
  if (!(await writeMembers(ctx, id, affected))) return problem(LEDGER_UNAVAILABLE);
  const begun = await ctx.ledger.commit({ insert: [rowOf('bulk', bulk)], put: [rowOf('marking', { id })] });
  if (begun.kind === 'unreachable') return problem(LEDGER_UNAVAILABLE);
  if (begun.kind === 'conflict') return problem(differs(count));
  ctx.log({
    level: 'warn',
    event: 'bulk-started',
    caller: by,
    state: `${operation}:${id}`,
    counts: { members: count },
  });
  ctx.backgroundTasks(() => markMembers(ctx, { id }));
  return { kind: 'started', bulk, isReplay: false };
}

const problem = (why: Problem): Extract<Started, { kind: 'problem' }> => ({ kind: 'problem', problem: why });

const differs = (count: number): Problem =>
  problemOf(
    'bulk-conflict',
    `The filter names ${count} credentials now, which is not what expect says. Nothing was done.`,
  );

function replay(bulk: Bulk, request: BulkRequest): Started {
  const isSame = bulk.operation === request.operation && JSON.stringify(bulk.filter) === JSON.stringify(request.filter);
  return isSame && request.validateOnly !== true
    ? { kind: 'started', bulk, isReplay: true }
    : problem(problemOf('idempotency-key-reused', 'This idempotency key belongs to another bulk operation.'));
}

/** Ids of what would be affected, in the order of the ledger; undefined where it did not answer. */
async function idsOf(ctx: Context, { operation, filter }: BulkRequest): Promise<readonly string[] | undefined> {
  const ids: string[] = [];
  const isWhole = await everyCredential(ctx, (row) => {
    if (matches(filter, row) && isAffected(operation, row)) ids.push(row.id);
  });
  return isWhole ? ids : undefined;
}

const isAffected = (operation: BulkRequest['operation'], row: Credential): boolean =>
  row.revocation === undefined && (operation === 'revoke' ? !isIdle(row) : row.current !== undefined);

/** An earlier try that died may have left members that the filter does not name any more. */
async function writeMembers(ctx: Context, id: string, credentials: readonly string[]): Promise<boolean> {
  const stale = new Set<string>();
  if (!(await everyMember(ctx, id, (credential) => stale.add(credential)))) return false;
  for (const credential of credentials) stale.delete(credential);
  const steps = [
    ...[...stale].map((credential) => ({ remove: rowKey('member', id, credential) })),
    ...credentials.map((credential) => ({ put: rowOf('member', { bulk: id, id: credential }) })),
  ];
  for (let at = 0; at < steps.length; at += MAX_BATCH) {
    const some = steps.slice(at, at + MAX_BATCH);
    const put = some.flatMap((each) => ('put' in each ? [each.put] : []));
    const remove = some.flatMap((each) => ('remove' in each ? [each.remove] : []));
    if ((await ctx.ledger.commit({ put, remove })).kind !== 'committed') return false;
  }
  return true;
}

export const bulkChangeSchema = z.strictObject({
  state: z.enum(['running', 'paused', 'cancelled'], { error: 'must be running, paused or cancelled' }),
});

/** Pauses, resumes or cancels. What is marked already goes on. */
export async function changeBulk(ctx: Context, id: string, state: Bulk['state']): Promise<Started> {
  const read = await ctx.ledger.read('bulk', id);
  if (read.kind === 'unreachable' || read.kind === 'unreadable') return problem(LEDGER_UNAVAILABLE);
  if (read.kind === 'absent') return problem(NOT_FOUND);
  if (read.value.state === 'cancelled' && state !== 'cancelled')
    return problem(problemOf('bulk-conflict', 'The bulk operation was cancelled. Begin another one.'));
  const bulk: Bulk = { ...read.value, state };
  // From the first member again: those that are marked stay as they are.
  const marking = rowOf('marking', { id });
  const changed = await ctx.ledger.commit(
    state === 'running'
      ? { put: [rowOf('bulk', bulk), marking] }
      : { put: [rowOf('bulk', bulk)], remove: [marking.key] },
  );
  if (changed.kind !== 'committed') return problem(LEDGER_UNAVAILABLE);
  ctx.log({ level: 'warn', event: 'bulk-changed', caller: ctx.actor.name, state: `${state}:${id}` });
  return { kind: 'started', bulk, isReplay: false };
}
