import type { AttemptName, Work } from '../model/credential.ts';
import { IN_PROGRESS, NOTHING_RECORDED, type Problem } from '../model/problems.ts';
import { type FirstClaim, type RotationClaim, TRANSITIONS } from '../model/transitions.ts';
import type { Grant } from '../policy/policy.ts';
import type { Stored } from '../ports/ledger.ts';
import { type Committed, commit, fits, RECORD_FULL, readCredential } from './commit.ts';
import type { Context } from './context.ts';

/**
 * The result of an attempt.
 *
 * `overtaken`: another writer's row was there first, and nothing was sent. `mayClaim` says whether another claim is safe.
 */
export type AttemptResult =
  | { readonly kind: 'vended'; readonly row: Stored }
  | { readonly kind: 'problem'; readonly attempt: number; readonly problem: Problem }
  | { readonly kind: 'overtaken'; readonly row: Stored | undefined; readonly mayClaim: boolean }
  | { readonly kind: 'taken'; readonly by: 'name' | 'rotation' };

export const problem = (number: number, why: Problem): AttemptResult => ({
  kind: 'problem',
  attempt: number,
  problem: why,
});
export const failedWith = ({ attempt: number }: AttemptName, why: Problem): AttemptResult => problem(number, why);

/** The next attempt of a credential, as the plan drafted it. */
export interface Draft {
  readonly id: string;
  /** The row that the plan was made on; absent where there is none, as far as is known. */
  readonly from: Stored | undefined;
  readonly grant: Grant;
  readonly claim:
    | ({ readonly purpose: 'vend' } & Pick<FirstClaim, 'draft' | 'grant' | 'expiresOn'>)
    | ({ readonly purpose: 'rotate'; readonly requestHash: string } & Pick<
        RotationClaim,
        'requestKey' | 'overlapMs' | 'grant' | 'expiresOn'
      >);
}

export type Claimed =
  | { readonly kind: 'claimed'; readonly row: Stored; readonly work: Work }
  | { readonly kind: 'not-claimed'; readonly result: AttemptResult };

/** Nothing is sent for a claim that the ledger did not confirm. */
export async function claimAttempt(ctx: Context, { id, from, claim }: Draft): Promise<Claimed> {
  const { clock, timings } = ctx;
  // No lease outlasts the invocation: the host may end the process after it, and a step must not begin before that.
  const leaseMs = Math.min(timings.leaseMs, Math.floor(clock.timeLeft()));
  const claimId = ctx.ids.writeId();
  const base = { claimId, nonce: ctx.ids.nonce(), leaseUntil: clock.now() + leaseMs };
  if (from !== undefined && !fits(from.credential)) return notClaimed(problem(0, RECORD_FULL));
  const committed =
    claim.purpose === 'vend'
      ? await commit(ctx, from, TRANSITIONS.claimVend, { ...claim, ...base }, { id, writeId: claimId })
      : await commit(
          ctx,
          from,
          TRANSITIONS.claimRotation,
          { ...claim, ...base },
          { id, writeId: claimId, requestHash: claim.requestHash },
        );
  const row = await confirmedRow(ctx, id, claimId, committed);
  const work = row?.credential.work;
  // A revocation may have been written over our claim: it is ours all the same, and ends before its POST.
  if (row !== undefined && work !== undefined && isOurs(row, claimId)) return { kind: 'claimed', row, work };
  return notClaimed(resultOf(committed));
}

const isOurs = ({ credential: { work } }: Stored, claimId: string): boolean =>
  work?.claimId === claimId && work.phase === 'minting';

/** Pauses before a claim without an answer is looked for again. */
const CLAIM_LOOKS_MS = [500, 2_000];

/** A claim that nobody confirms sends nothing, and would wait for an operator: so it is looked for while the lease lasts. */
async function confirmedRow(
  ctx: Context,
  id: string,
  claimId: string,
  committed: Committed,
): Promise<Stored | undefined> {
  const row = 'row' in committed ? committed.row : undefined;
  const isOpen = committed.kind === 'unreachable' || (committed.kind === 'overtaken' && committed.mayLand);
  if (!isOpen || (row !== undefined && isOurs(row, claimId))) return row;
  for (const pause of CLAIM_LOOKS_MS) {
    await ctx.clock.sleep(pause);
    const read = await readCredential(ctx, id);
    if (read.kind === 'found' && isOurs(read.row, claimId)) return read.row;
  }
  return row;
}

const notClaimed = (result: AttemptResult): Claimed => ({ kind: 'not-claimed', result });

function resultOf(committed: Committed): AttemptResult {
  switch (committed.kind) {
    case 'taken':
      return { kind: 'taken', by: committed.by };
    case 'overtaken':
      return { kind: 'overtaken', row: committed.row, mayClaim: !committed.mayLand };
    case 'committed':
    case 'not-allowed':
      return problem(0, IN_PROGRESS);
    case 'unreachable':
      return problem(0, NOTHING_RECORDED);
  }
}
