import type { Work } from '../model/credential.ts';
import { markerOf } from '../model/idempotency.ts';
import type { Problem, ProblemSummary } from '../model/problems.ts';
import { TRANSITIONS } from '../model/transitions.ts';
import type { UpstreamTrace } from '../model/upstream.ts';
import type { Stored } from '../ports/ledger.ts';
import { type AttemptResult, failedWith } from './attempt-result.ts';
import { commitWhileAllowed } from './commit.ts';
import { compensate } from './compensate.ts';
import type { Context } from './context.ts';

export interface Discarded {
  readonly keyId: string;
  readonly secret?: { readonly id: string; readonly version: string };
  readonly problem: ProblemSummary;
  readonly cause?: UpstreamTrace | undefined;
  /** What the caller reads, where that is not why the key is discarded. */
  readonly answer?: Problem;
}

/** `compensating` goes into the row first, then the key is deleted. What cannot be recorded is left to the reconciler. */
export async function discardKey(
  ctx: Context,
  row: Stored,
  work: Work,
  { keyId, secret, problem: why, cause, answer }: Discarded,
): Promise<AttemptResult> {
  const input = { attempt: work, keyId, secret, problem: why };
  const recorded = await commitWhileAllowed(ctx, row, TRANSITIONS.discardKey, input, { cause });
  const seen = 'row' in recorded ? recorded.row : undefined;
  // Another worker may have recorded it for us.
  if (seen?.credential.work?.phase !== 'compensating' || seen.credential.work.keyId !== keyId) {
    logNotDiscarded(ctx, row.credential.id, work, keyId);
    return failedWith(work, answer ?? why);
  }
  const compensated = await compensate(ctx, seen, { isOwn: true });
  const retryAt = compensated.kind === 'closed' ? compensated.row.credential.failure?.retryAt : undefined;
  const wait = (retryAt ?? 0) - ctx.clock.now();
  return failedWith(work, answer ?? (wait > 0 ? { ...why, retryAfterMs: wait } : why));
}

/** The row may have gone on without this attempt. Then this line and the marker are all that leads to the key. */
function logNotDiscarded(ctx: Context, credentialId: string, work: Work, apiKeyId: string): void {
  const { attempt: number } = work;
  const marker = markerOf(credentialId, work);
  ctx.log({ level: 'error', event: 'key-not-discarded', credentialId, attempt: number, apiKeyId, marker });
}
