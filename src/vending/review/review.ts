import type { SecretVersion } from '../events/key-vault.ts';
import type { Credential } from '../model/credential.ts';
import { dueTasks, type Task } from '../model/due.ts';
import { LEDGER_UNAVAILABLE, type Problem } from '../model/problems.ts';
import { nameKey } from '../model/rows.ts';
import type { UpstreamTrace } from '../model/tracing.ts';
import { TRANSITIONS } from '../model/transitions.ts';
import type { Terms } from '../policy/policy.ts';
import type { Stored } from '../ports/ledger.ts';
import { nextReviewRow } from '../saga/changes.ts';
import { commit, readCredential } from '../saga/commit.ts';
import { compensate } from '../saga/compensate.ts';
import type { Context } from '../saga/context.ts';
import { continueRevocation, endOverlap, type Progress } from '../saga/revocation.ts';
import { recoverAttempt } from './dead-worker.ts';
import { prune } from './retention.ts';
import { askRotation, type Slots, slotsFrom } from './rotation.ts';
import { sweep } from './sweep.ts';

/** The tools of a review. */
export interface ReviewOptions {
  readonly terms: Terms;
  readonly slots: Slots;
  /** Ignores the dates to which earlier reviews deferred. */
  readonly isHurried?: boolean;
}

/** More tasks than a credential can have. */
const MAX_TASKS = 12;

/**
 * One look at a credential: does what is due and sets the next date. An undecided task delays no other: every due
 * task gets its turn, and then the credential backs off.
 *
 * The timer, an event of Key Vault and an operator call it. Every step is one commit from a fresh read and may be
 * repeated, so several reviews may run at once and die anywhere.
 */
export async function review(asked: Context, means: ReviewOptions, row: Stored): Promise<Stored> {
  // Anybody may start a review. It acts as the reconciler, and the audit trail keeps the starter's name.
  const ctx: Context = { ...asked, actor: { ...asked.actor, party: 'reconciler' } };
  const [tried, done] = [new Set<Task>(), new Set<Task>()];
  // Forgetting has no hurry, so it needs no back-off.
  const deferred = new Set<Task>(['prune']);
  let upstream: UpstreamTrace | undefined;
  let now = row;
  for (let tasks = 0; tasks < MAX_TASKS; tasks++) {
    const task = dueNow(ctx, means, now).find((each) => !tried.has(each));
    if (task === undefined) break;
    tried.add(task);
    const result = await perform(ctx, means, task, now);
    now = result.row;
    if (result.kind === 'open') upstream ??= result.upstream;
    if (result.kind === 'deferred') deferred.add(task);
    if (result.kind === 'done') done.add(task);
  }
  // What was done is due again only for a person who has no patience.
  const left = dueNow(ctx, means, now).filter((task) => means.isHurried !== true || !done.has(task));
  const waits = left.some((task) => task !== 'prune' && deferred.has(task));
  // Another writer may have been first: its row has its own dates, and this commit loses.
  if (left.some((task) => !deferred.has(task))) await backOff(ctx, now, upstream, waits ? FIRST_PAUSE_MS : undefined);
  return now;
}

const dueNow = ({ clock, timings }: Context, { isHurried }: ReviewOptions, { credential }: Stored): readonly Task[] =>
  dueTasks(isHurried === true ? hurried(credential) : credential, { now: clock.now(), timings });

/** The row without the dates to which reviews deferred. */
function hurried({ retry: _, ...row }: Credential): Credential {
  if (row.current?.rotationSuspended !== true) return row;
  const { rotationAskedAt: __, ...current } = row.current;
  return { ...row, current };
}

async function perform(ctx: Context, { terms, slots }: ReviewOptions, task: Task, row: Stored): Promise<Progress> {
  switch (task) {
    case 'recover':
      return recoverAttempt(ctx, row);
    case 'compensate': {
      const compensated = await compensate(ctx, row);
      return compensated.kind === 'closed' ? { kind: 'done', row: compensated.row } : { ...compensated, row };
    }
    case 'revoke':
      return continueRevocation(ctx, row);
    case 'end-overlap':
      return endOverlap(ctx, row);
    case 'note-expiry': {
      const noted = await commit(ctx, row, TRANSITIONS.noteExpiry, {}, { id: row.credential.id });
      return noted.kind === 'committed' ? { kind: 'done', row: noted.row } : { kind: 'open', row };
    }
    case 'ask-rotation':
      return askRotation(ctx, terms, slots, row);
    case 'sweep':
      return sweep(ctx, row);
    case 'prune':
      return { kind: (await prune(ctx, row)) ? 'done' : 'open', row };
  }
}

const FIRST_PAUSE_MS = 60_000;
const MAX_PAUSE_MS = 3_600_000;

/**
 * A review decided nothing: it is repeated after half the time that this has been so, a minute at least and an hour at
 * most. An organization or a vault that is gone for good would use up ARM's budget and everybody's reviews.
 *
 * @param longestMs shorter where a deferred task, which the next run has to do, would wait with it
 */
export async function backOff(
  ctx: Context,
  row: Stored,
  upstream: UpstreamTrace | undefined,
  longestMs = MAX_PAUSE_MS,
): Promise<void> {
  const { id, retry } = row.credential;
  const now = ctx.clock.now();
  const since = retry?.since ?? now;
  const pause = Math.min(longestMs, Math.max(FIRST_PAUSE_MS, Math.floor((now - since) / 2)));
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

/**
 * Writes the due row that goes with a credential, in case it was lost, and removes wrong ones.
 *
 * The credential is written as it is, so that its ETag guards the commit: a date that changes meanwhile must keep its row.
 */
export async function restoreDueRow(
  { ledger, timings }: Context,
  { credential, etag }: Stored,
  remove: readonly string[] = [],
): Promise<void> {
  const next = nextReviewRow(credential, timings);
  await ledger.commit({
    credential: { action: 'replace', value: credential, etag },
    put: next === undefined ? [] : [next],
    remove,
  });
}

export type SecretReview =
  | { readonly kind: 'looked' }
  | { readonly kind: 'ignored'; readonly reason: 'not-ours' | 'not-current' }
  | { readonly kind: 'unclear'; readonly problem: Problem };

/**
 * An event about a secret means "look now" and nothing else: anybody who may send events may make one up. The ledger knows
 * every date, so the review does what is due, and nothing before its time.
 */
export async function reviewSecret(ctx: Context, terms: Terms, secret: SecretVersion): Promise<SecretReview> {
  const name = await ctx.ledger.read('name', ...nameKey(secret));
  if (name.kind === 'absent') return { kind: 'ignored', reason: 'not-ours' };
  if (name.kind !== 'found') return { kind: 'unclear', problem: LEDGER_UNAVAILABLE };
  const read = await readCredential(ctx, name.value.id);
  if (read.kind === 'absent') return { kind: 'ignored', reason: 'not-ours' };
  if (read.kind === 'unreachable') return { kind: 'unclear', problem: LEDGER_UNAVAILABLE };
  if (read.row.credential.current?.secret.version !== secret.version) return { kind: 'ignored', reason: 'not-current' };
  await review(ctx, { terms, slots: slotsFrom(ctx.clock.now()) }, read.row);
  return { kind: 'looked' };
}
