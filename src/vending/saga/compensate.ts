import type { Work } from '../model/credential.ts';
import { markerOf } from '../model/idempotency.ts';
import type { Problem, ProblemSummary } from '../model/problems.ts';
import type { UpstreamTrace } from '../model/tracing.ts';
import { TRANSITIONS } from '../model/transitions.ts';
import type { Stored } from '../ports/ledger.ts';
import { inSpan } from '../ports/telemetry.ts';
import { type AttemptResult, failedWith } from './claim.ts';
import { commitWhileAllowed } from './commit.ts';
import type { Context } from './context.ts';
import { deleteKey, disableAttempt, logNotDeleted, noteGone } from './deletion.ts';

/** `open`: something is not proven yet. The reconciler goes on. */
export type Compensated =
  | { readonly kind: 'closed'; readonly row: Stored }
  | { readonly kind: 'open'; readonly upstream?: UpstreamTrace };

/**
 * Deletes the key that the row wants deleted, disables what was stored of it, and closes the attempt.
 *
 * The row must be freshly read and say `compensating`: without that in the ledger another worker may be about to vend the
 * key. Every step may be repeated.
 */
export function compensate(
  ctx: Context,
  row: Stored,
  options: { readonly isOwn?: boolean } = {},
): Promise<Compensated> {
  const { work, id: credentialId } = row.credential;
  if (work?.phase !== 'compensating' || work.keyId === undefined) return Promise.resolve({ kind: 'open' });
  const { keyId } = work;
  return inSpan(
    ctx,
    'compensate',
    { credentialId, attempt: work.attempt, apiKeyId: keyId },
    () => deleteAndClose(ctx, row, { ...work, keyId, ...options }),
    (compensated) => ({ outcome: compensated.kind, failed: compensated.kind === 'open' }),
  );
}

async function deleteAndClose(
  ctx: Context,
  row: Stored,
  work: Work & { readonly keyId: string; readonly isOwn?: boolean },
): Promise<Compensated> {
  const { id, target } = row.credential;
  const { keyId, since, leaseUntil, isOwn = false } = work;
  const deleted = await deleteKey(ctx, { id, target, keyId, isOwn, mintedBefore: Math.min(since, leaseUntil) });
  if (deleted.kind !== 'gone') {
    logNotDeleted(ctx, id, keyId, deleted);
    return { kind: 'open', ...('upstream' in deleted && { upstream: deleted.upstream }) };
  }
  const disabled = await disableAttempt(ctx, row.credential, work);
  if (disabled.kind === 'unavailable') {
    await noteGone(ctx, { id, keyId, attempt: work.attempt });
    return { kind: 'open', upstream: disabled.upstream };
  }
  const input = { attempt: work, keyId, stored: disabled.stored };
  // Confluent may answer 403 for a deleted key, so the proof does not come twice.
  const closed = await commitWhileAllowed(ctx, row, TRANSITIONS.recordCompensated, input);
  return closed.kind === 'committed' ? { kind: 'closed', row: closed.row } : { kind: 'open' };
}

export interface KeyToDiscard {
  readonly keyId: string;
  readonly secret?: { readonly id: string; readonly version: string };
  readonly problem: ProblemSummary;
  readonly cause?: UpstreamTrace | undefined;
  /** The problem for the caller, if it differs from the reason for discarding the key. */
  readonly answer?: Problem;
}

/** `compensating` goes into the row first, then the key is deleted. The reconciler does what could not be recorded. */
export async function discardKey(
  ctx: Context,
  row: Stored,
  work: Work,
  { keyId, secret, problem: why, cause, answer }: KeyToDiscard,
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
