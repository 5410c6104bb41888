import type { Credential } from '../model/credential.ts';
import { type RowKind, rowKey, rowOf } from '../model/rows.ts';
import { mayPrune } from '../model/transitions.ts';
import type { Stored } from '../ports/ledger.ts';
import type { Context } from '../saga/context.ts';

/** Rows of one transaction. */
const MAX_BATCH = 100;

/**
 * Forgets a credential of which nothing lives and whose retention is over. What hangs on the row goes first and the row
 * last, so a process that dies on the way leaves something to go on from.
 *
 * @returns whether the credential is gone, or was not to be forgotten after all.
 */
export async function prune(ctx: Context, { credential, etag }: Stored): Promise<boolean> {
  const { clock, timings, ledger } = ctx;
  if (!mayPrune(credential, { now: clock.now(), timings })) return true;
  const { id } = credential;
  for (const kind of ['attempt', 'rotation'] as const) if (!(await removeAll(ctx, kind, credential))) return false;
  const removed = await ledger.commit({ credential: { action: 'remove', id, etag } });
  if (removed.kind === 'conflict') return true;
  if (removed.kind === 'unreachable') return false;
  // The due row is last of all: without it nobody would go on with this.
  await ledger.commit({ remove: [callerKey(credential)] });
  return true;
}

const callerKey = ({ caller, createdAt, id }: Credential): string => rowOf('caller', { caller, createdAt, id }).key;

/** Rows of the credential, and the rows of the keys that they name. */
async function removeAll(
  { ledger }: Context,
  kind: Extract<RowKind, 'attempt' | 'rotation'>,
  { id, attempts }: Credential,
): Promise<boolean> {
  for (;;) {
    const listed = await ledger.list({ kind, within: [id], limit: MAX_BATCH / 2 });
    if (listed.kind === 'unreachable') return false;
    // A vend under the same id may have begun meanwhile: its rows stay, and the removal of the credential will fail.
    const old = listed.rows.filter(({ value }) => value.attempt <= attempts);
    const keys = old.flatMap(({ key, value }) =>
      'apiKeyId' in value && value.apiKeyId !== undefined ? [key, rowKey('key', value.apiKeyId)] : [key],
    );
    const remove = [...new Set([...keys, ...listed.unreadable])];
    if (remove.length === 0) return true;
    if ((await ledger.commit({ remove })).kind !== 'committed') return false;
    if (listed.next === undefined) return true;
  }
}
