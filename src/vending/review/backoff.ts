import type { Credential } from '../model/credential.ts';
import { TRANSITIONS } from '../model/transitions.ts';
import type { UpstreamTrace } from '../model/upstream.ts';
import type { Stored } from '../ports/ledger.ts';
import { commit } from '../saga/commit.ts';
import type { Context } from '../saga/context.ts';

const FIRST_PAUSE_MS = 60_000;
const MAX_PAUSE_MS = 3_600_000;

/**
 * A review decided nothing: it is repeated after half the time that this has been so, a minute at least and an hour at
 * most. An organization or a vault that is gone for good would use up ARM's budget and everybody's reviews.
 */
export async function backOff(ctx: Context, row: Stored, upstream: UpstreamTrace | undefined): Promise<void> {
  const { id, retry } = row.credential;
  const now = ctx.clock.now();
  const since = retry?.since ?? now;
  const pause = Math.min(MAX_PAUSE_MS, Math.max(FIRST_PAUSE_MS, Math.floor((now - since) / 2)));
  ctx.log({
    level: 'warn',
    event: 'review-undecided',
    credentialId: id,
    state: describe(row.credential),
    ...(upstream !== undefined && { upstream }),
  });
  await commit(ctx, row, TRANSITIONS.backOff, { since, nextAt: now + pause }, { id });
}

const describe = ({ work, revocation, previous }: Credential): string =>
  work?.phase ?? (revocation !== undefined ? 'revoking' : previous !== undefined ? 'overlap' : 'sweep');
