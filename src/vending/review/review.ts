import type { Credential } from '../model/credential.ts';
import { dueTasks, type Task } from '../model/due.ts';
import { TRANSITIONS } from '../model/transitions.ts';
import type { UpstreamTrace } from '../model/upstream.ts';
import type { Stored } from '../ports/ledger.ts';
import { commit } from '../saga/commit.ts';
import { compensate } from '../saga/compensate.ts';
import type { Context } from '../saga/context.ts';
import { endOverlap } from '../saga/overlap.ts';
import { continueRevocation, type Progress } from '../saga/revocation.ts';
import { backOff } from './backoff.ts';
import { recoverAttempt } from './recover.ts';
import { prune } from './retention.ts';
import type { Terms } from './rotation-grant.ts';
import { askRotation, type Slots } from './rotation-schedule.ts';
import { sweep } from './sweep.ts';

/** What a review works with besides its credential. */
export interface ReviewMeans {
  readonly terms: Terms;
  readonly slots: Slots;
  /** What a review put off is looked at now. */
  readonly isHurried?: boolean;
}

/** More tasks than a credential can have. */
const MAX_TASKS = 12;

/**
 * One look at a credential: does what is due and sets the next date. What cannot be decided holds up nothing else: every
 * due task gets its turn, and then the credential backs off.
 *
 * The timer, an event of Key Vault and an operator call it. Every step is one commit from a fresh read and may be
 * repeated, so several reviews may run at once and die anywhere.
 */
export async function review(asked: Context, means: ReviewMeans, row: Stored): Promise<Stored> {
  // Whoever asks for the review, it does the reconciler's work. The audit trail keeps the name.
  const ctx: Context = { ...asked, actor: { ...asked.actor, party: 'reconciler' } };
  const tried = new Set<Task>();
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
  }
  const left = dueNow(ctx, means, now);
  // Another writer may have been first: its row has its own dates, and this commit loses.
  if (left.some((task) => !deferred.has(task))) await backOff(ctx, now, upstream);
  return now;
}

const dueNow = ({ clock, timings }: Context, { isHurried }: ReviewMeans, { credential }: Stored): readonly Task[] =>
  dueTasks(isHurried === true ? hurried(credential) : credential, { now: clock.now(), timings });

/** Without the dates to which reviews put off what they could not do. */
function hurried({ retry: _, ...row }: Credential): Credential {
  if (row.current?.rotationSuspended !== true) return row;
  const { rotationAskedAt: __, ...current } = row.current;
  return { ...row, current };
}

async function perform(ctx: Context, { terms, slots }: ReviewMeans, task: Task, row: Stored): Promise<Progress> {
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
