import type { Credential, Work } from '../model/credential.ts';
import { markerOf } from '../model/idempotency.ts';
import { LEDGER_UNAVAILABLE, outcomeUnknown, type Problem, problemOf, UNCONFIRMED } from '../model/problems.ts';
import type { UpstreamTrace } from '../model/tracing.ts';
import { TRANSITIONS } from '../model/transitions.ts';
import type { Stored } from '../ports/ledger.ts';
import { type AttemptResult, claimAttempt, type Draft, failedWith } from './claim.ts';
import { commit, commitWhileAllowed } from './commit.ts';
import { discardKey } from './compensate.ts';
import type { Context } from './context.ts';
import { type Minted, mintOnce } from './mint.ts';
import { type HeldKey, type StoredSecret, storeOnce } from './store.ts';

/**
 * One attempt at a key: claim, mint, store, confirm. Each step is one commit, so a process that dies anywhere leaves a row
 * that says what may exist.
 */
export async function attempt(ctx: Context, draft: Draft): Promise<AttemptResult> {
  const connection = ctx.confluent.openMintConnection();
  const claimed = await claimAttempt(ctx, draft).catch((defect: unknown) => {
    connection.discard();
    throw defect;
  });
  if (claimed.kind !== 'claimed') {
    connection.discard();
    return claimed.result;
  }
  const { row, work } = claimed;
  const minted = await mintOnce(ctx, draft.grant, row.credential, work, connection);
  switch (minted.kind) {
    case 'not-minted':
      return recordNotMinted(ctx, row, work, minted);
    case 'ambiguous':
      return recordUnknown(ctx, row, work, minted.upstream);
    case 'unusable':
      return discardKey(ctx, row, work, { keyId: minted.key.id, problem: minted.problem, cause: minted.upstream });
    case 'minted':
      return keepKey(ctx, row, work, minted);
  }
}

/** The key is good: it is recorded, its secret is stored, and the ledger confirms it. */
async function keepKey(
  ctx: Context,
  row: Stored,
  work: Work,
  minted: Extract<Minted, { kind: 'minted' }>,
): Promise<AttemptResult> {
  const keyId = minted.key.id;
  const held = await recordMinted(ctx, row, work, keyId, minted.upstream);
  if (held.kind === 'overtaken')
    return discardKey(ctx, held.row, work, { keyId, problem: OVERTAKEN, cause: minted.upstream });
  const stored = await storeOnce(ctx, row.credential, work, minted);
  switch (stored.kind) {
    case 'refused':
      return discardKey(ctx, held.row, work, { keyId, problem: stored.problem, cause: stored.upstream });
    case 'ambiguous':
      return failedWith(work, UNCONFIRMED);
    case 'stored':
      return recordVended(ctx, held.row, work, minted, stored);
  }
}

async function recordNotMinted(
  ctx: Context,
  row: Stored,
  work: Work,
  { problem: why, upstream }: Extract<Minted, { kind: 'not-minted' }>,
): Promise<AttemptResult> {
  const { type, detail, retryAfterMs } = why;
  const input = { attempt: work, problem: { type, detail }, retryAfterMs };
  const recorded = await commitWhileAllowed(ctx, row, TRANSITIONS.recordNotMinted, input, { cause: upstream });
  return recorded.kind === 'committed' ? failedWith(work, why) : failedWith(work, NOT_RECORDED);
}

/** No second POST, ever: a key may live under the marker. */
async function recordUnknown(ctx: Context, row: Stored, work: Work, cause: UpstreamTrace): Promise<AttemptResult> {
  const { id } = row.credential;
  const marker = markerOf(id, work);
  ctx.log({ level: 'error', event: 'outcome-unknown', credentialId: id, attempt: work.attempt, marker });
  await commitWhileAllowed(ctx, row, TRANSITIONS.recordUnknown, { attempt: work }, { cause });
  return failedWith(work, outcomeUnknown(marker));
}

type Held = { readonly kind: 'held' | 'overtaken'; readonly row: Stored };

/**
 * With the ledger silent the store goes ahead: the marker names the key, and the version's tags name the attempt. Where
 * somebody else decided meanwhile nothing was sent to the vault yet, so the key is discarded.
 */
async function recordMinted(ctx: Context, row: Stored, work: Work, keyId: string, cause: UpstreamTrace): Promise<Held> {
  const input = { attempt: work, keyId };
  const options = { id: row.credential.id, cause };
  const first = await commit(ctx, row, TRANSITIONS.recordMinted, input, options);
  // A sweep or a bulk operation wrote beside the POST. A silent ledger is not asked again: the lease runs.
  const isBeside = first.kind === 'overtaken' && first.row !== undefined && first.row.etag !== row.etag;
  const recorded = isBeside ? await commit(ctx, first.row, TRANSITIONS.recordMinted, input, options) : first;
  if (recorded.kind === 'committed') return { kind: 'held', row: recorded.row };
  const seen = 'row' in recorded ? recorded.row : undefined;
  if (seen === undefined) return { kind: 'held', row };
  return { kind: isStillOurs(seen.credential, work, keyId) ? 'held' : 'overtaken', row: seen };
}

/** Still at its POST, or an earlier try of the commit took effect. */
const isStillOurs = ({ work, revocation }: Credential, { claimId }: Work, keyId: string): boolean =>
  revocation === undefined &&
  work?.claimId === claimId &&
  (work.phase === 'minting' || (work.phase === 'minted' && work.keyId === keyId));

async function recordVended(
  ctx: Context,
  row: Stored,
  work: Work,
  { key }: HeldKey,
  { secret, upstream }: Extract<StoredSecret, { kind: 'stored' }>,
): Promise<AttemptResult> {
  const input = { attempt: work, keyId: key.id, key, secret };
  const recorded = await commitWhileAllowed(ctx, row, TRANSITIONS.recordVended, input, { cause: upstream });
  if (recorded.kind === 'committed') return { kind: 'vended', row: recorded.row };
  const seen = 'row' in recorded ? recorded.row : undefined;
  if (seen === undefined) return failedWith(work, UNCONFIRMED);
  // The reconciler, or an operator, was first.
  if (seen.credential.current?.key.id === key.id && seen.credential.revocation === undefined)
    return { kind: 'vended', row: seen };
  return discardKey(ctx, seen, work, { keyId: key.id, secret, problem: OVERTAKEN, answer: UNCONFIRMED });
}

const OVERTAKEN = problemOf(
  'ledger-unavailable',
  'The ledger went on without this worker; the key that it had minted is being deleted.',
);
const NOT_RECORDED: Problem = {
  ...LEDGER_UNAVAILABLE,
  detail: 'Nothing was minted, but that could not be recorded; ask again.',
};
