import type { Credential } from '../model/credential.ts';
import { type RowKind, rowKey, rowOf } from '../model/rows.ts';
import { mayPrune } from '../model/transitions.ts';
import type { CommitOutcome, Stored } from '../ports/ledger.ts';
import type { Context } from '../saga/context.ts';

/** Each may bring the row of a key. With the credential's own, a transaction holds 100 rows. */
const MAX_LISTED = 49;

/**
 * Removes a credential without living keys after its retention. Its other rows go first and its own row last, so
 * another run can continue after a crash.
 *
 * @returns true if the credential is gone, or must stay after all.
 */
export async function prune(ctx: Context, row: Stored): Promise<boolean> {
  const { clock, timings, ledger } = ctx;
  const { credential } = row;
  if (!mayPrune(credential, { now: clock.now(), timings })) return true;
  let { etag } = row;
  for (const kind of ['attempt', 'rotation'] as const) {
    const removed = await removeAll(ctx, kind, { credential, etag });
    if (removed.kind !== 'committed') return removed.kind === 'conflict';
    etag = removed.etag;
  }
  const removed = await ledger.commit({ credential: { action: 'remove', id: credential.id, etag } });
  if (removed.kind !== 'committed') return removed.kind === 'conflict';
  // The due row is last of all: without it nobody would go on with this.
  await ledger.commit({ remove: [callerKey(credential)] });
  return true;
}

const callerKey = ({ caller, createdAt, id }: Credential): string => rowOf('caller', { caller, createdAt, id }).key;

/**
 * Rows of the credential, and the rows of the keys that they name.
 *
 * The commit writes the credential unchanged, so that its ETag guards the others. If another run removed it, the same
 * request may have made a new credential, whose rows have the same names.
 */
async function removeAll(
  { ledger }: Context,
  kind: Extract<RowKind, 'attempt' | 'rotation'>,
  { credential, etag }: Stored,
): Promise<CommitOutcome> {
  let guard = etag;
  for (;;) {
    const listed = await ledger.list({ kind, within: [credential.id], limit: MAX_LISTED });
    if (listed.kind === 'unreachable') return listed;
    const keys = listed.rows.flatMap(({ key, value }) =>
      'apiKeyId' in value && value.apiKeyId !== undefined ? [key, rowKey('key', value.apiKeyId)] : [key],
    );
    const remove = [...new Set([...keys, ...listed.unreadable])];
    if (remove.length === 0) return { kind: 'committed', etag: guard };
    const removed = await ledger.commit({ credential: { action: 'replace', value: credential, etag: guard }, remove });
    if (removed.kind !== 'committed' || listed.next === undefined) return removed;
    guard = removed.etag;
  }
}

/** Rows of one transaction. */
const MAX_BATCH = 100;

/**
 * Forgets a bulk operation with everything that belongs to it; its own row comes last. One that is not marked to its end
 * is kept: somebody paused it.
 *
 * @returns whether nothing of it is left
 */
export async function pruneBulk(ctx: Context, id: string, hasTime: () => boolean): Promise<boolean> {
  const { ledger } = ctx;
  const bulk = await ledger.read('bulk', id);
  if (bulk.kind === 'absent') return true;
  if (bulk.kind !== 'found' || (await ledger.read('marking', id)).kind !== 'absent') return false;
  for (const kind of ['member', 'bulkchange'] as const) if (!(await isRemoved(ctx, kind, id, hasTime))) return false;
  return (await ledger.commit({ remove: [rowKey('bulk', id)] })).kind === 'committed';
}

async function isRemoved(
  { ledger }: Context,
  kind: 'member' | 'bulkchange',
  bulk: string,
  hasTime: () => boolean,
): Promise<boolean> {
  while (hasTime()) {
    const listed = await ledger.list({ kind, within: [bulk], limit: MAX_BATCH });
    if (listed.kind === 'unreachable') return false;
    const removed = await ledger.commit({ remove: [...listed.rows.map(({ key }) => key), ...listed.unreadable] });
    if (removed.kind !== 'committed') return false;
    if (listed.next === undefined) return true;
  }
  return false;
}
