import type { Work } from '../model/credential.ts';
import { TRANSITIONS } from '../model/transitions.ts';
import type { UpstreamTrace } from '../model/upstream.ts';
import { inSpan } from '../ports/in-span.ts';
import type { Stored } from '../ports/ledger.ts';
import { commit } from './commit.ts';
import type { Context } from './context.ts';
import { type DeletionResult, deleteKey } from './deletion.ts';
import { disableAttempt } from './versions.ts';

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
  if (disabled.kind === 'unavailable') return { kind: 'open', upstream: disabled.upstream };
  const input = { attempt: work, keyId, stored: disabled.stored };
  const closed = await commit(ctx, row, TRANSITIONS.recordCompensated, input, { id });
  return closed.kind === 'committed' ? { kind: 'closed', row: closed.row } : { kind: 'open' };
}

export function logNotDeleted(ctx: Context, credentialId: string, apiKeyId: string, result: DeletionResult): void {
  switch (result.kind) {
    case 'gone':
      return;
    case 'refused':
      ctx.log({ level: 'error', event: 'deletion-refused', credentialId, apiKeyId, upstream: result.upstream });
      return;
    case 'unproven':
      ctx.log({ level: 'warn', event: 'deletion-unproven', credentialId, apiKeyId, upstream: result.upstream });
      return;
    case 'foreign':
      ctx.log({ level: 'error', event: 'foreign-key', credentialId, apiKeyId });
      return;
  }
}
