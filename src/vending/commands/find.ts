import { LEDGER_UNAVAILABLE, NOT_FOUND } from '../model/problems.ts';
import { type Authority, mayActOn } from '../policy/authority.ts';
import type { Policy } from '../policy/policy.ts';
import type { Stored } from '../ports/ledger.ts';
import { readCredential } from '../saga/commit.ts';
import type { Context } from '../saga/context.ts';
import { type Failed, failed } from './outcome.ts';

export type Found = { readonly kind: 'found'; readonly row: Stored } | Failed;

/** A credential, for somebody who may act on it. To everybody else it does not exist. */
export async function findCredential(
  ctx: Pick<Context, 'ledger' | 'log'>,
  policy: Policy,
  { authority, id }: { readonly authority: Authority; readonly id: string },
): Promise<Found> {
  const read = await readCredential(ctx, id);
  if (read.kind === 'found' && mayActOn(policy, authority, read.row.credential)) return read;
  return failed(read.kind === 'unreachable' ? LEDGER_UNAVAILABLE : NOT_FOUND, id);
}
