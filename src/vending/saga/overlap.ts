import { TRANSITIONS } from '../model/transitions.ts';
import type { Stored } from '../ports/ledger.ts';
import { commit } from './commit.ts';
import type { Context } from './context.ts';
import { type Progress, retire } from './revocation.ts';

/** Deletes the key that current replaced, once its date is past. */
export async function endOverlap(ctx: Context, row: Stored): Promise<Progress> {
  const { id, previous } = row.credential;
  if (previous === undefined) return { kind: 'done', row };
  const retired = await retire(ctx, row.credential, previous);
  if (retired !== 'gone') return { kind: 'open', row, upstream: retired };
  const recorded = await commit(ctx, row, TRANSITIONS.recordOverlapEnded, { keyId: previous.keyId }, { id });
  return recorded.kind === 'committed' ? { kind: 'done', row: recorded.row } : { kind: 'open', row };
}
