import { UNDECIDED_AFTER_MS } from '../model/due.ts';
import { type RowOf, rowOf } from '../model/rows.ts';
import type { Terms } from '../policy/policy.ts';
import type { ListOutcome, Stored } from '../ports/ledger.ts';
import { stackFramesOf } from '../ports/telemetry.ts';
import { nextReviewRow } from '../saga/changes.ts';
import type { Context } from '../saga/context.ts';
import { continueBulks } from './bulk.ts';
import { publishPending } from './republish.ts';
import { pruneBulk } from './retention.ts';
import { type ReviewOptions, restoreDueRow, review } from './review.ts';
import { slotsFrom } from './rotation.ts';

export interface ReconcileBounds {
  /** Rows of one page. */
  readonly page: number;
  /** Credentials reviewed at once. */
  readonly concurrency: number;
}

/** The host ends a function after five minutes, and one review may take two. */
const LAST_REVIEW_AFTER_MS = 90_000;
/** Forgetting has no hurry: it ends well before the next run, which would wait for it. */
const LAST_PRUNE_AFTER_MS = 30_000;
/** A row that this version cannot read is looked at again after this time. */
const UNREADABLE_PAUSE_MS = 3_600_000;

interface DueRow extends RowOf<'due'> {
  readonly key: string;
}

interface Run {
  readonly ctx: Context;
  readonly means: ReviewOptions;
  hasTime(): boolean;
}

/**
 * Reviews all that is due: attempts whose worker died, keys to delete or to rotate, overlaps and secrets that end, late
 * versions to disable. Removal of old rows comes last.
 *
 * It reads the due rows and the credentials that they name, so its cost grows with what is due. It is bounded by time.
 */
export async function reconcile(ctx: Context, terms: Terms, bounds: ReconcileBounds): Promise<void> {
  const start = ctx.clock.now();
  const hasTimeUntil = (ms: number) => (): boolean => ctx.clock.now() - start < ms;
  const run = { ctx, means: { terms, slots: slotsFrom(start) } };
  await publishPending(ctx, start);
  await reviewAll({ ...run, hasTime: hasTimeUntil(LAST_REVIEW_AFTER_MS) }, 'due', start, bounds);
  await continueBulks(ctx);
  await reviewAll({ ...run, hasTime: hasTimeUntil(LAST_PRUNE_AFTER_MS) }, 'prune', start, bounds);
}

async function reviewAll(
  run: Run,
  kind: 'due' | 'prune',
  start: number,
  { page, concurrency }: ReconcileBounds,
): Promise<void> {
  const { ctx } = run;
  let from: string | undefined;
  let isFirst = true;
  do {
    const listed: ListOutcome<RowOf<'due'>> = await ctx.ledger.listDue({
      kind,
      before: start,
      from,
      limit: page,
    });
    if (listed.kind === 'unreachable') {
      ctx.log({ level: 'error', event: 'due-rows-unreadable', upstream: listed.upstream });
      return;
    }
    const rows = listed.rows.map(({ key, value }) => ({ key, ...value }));
    if (isFirst && kind === 'due') measureOldest(ctx, rows[0], start);
    isFirst = false;
    await inLanes(concurrency, rows, run, (row) => reviewOne(run, row));
    from = listed.next;
  } while (from !== undefined && run.hasTime());
}

async function inLanes(
  lanes: number,
  rows: readonly DueRow[],
  run: Run,
  work: (row: DueRow) => Promise<void>,
): Promise<void> {
  const left = rows.values();
  const lane = async (): Promise<void> => {
    for (const row of left) {
      if (!run.hasTime()) return;
      // A defect that one credential shows must not end the run for all the others.
      await work(row).catch((error: unknown) =>
        run.ctx.log({ level: 'error', event: 'defect', credentialId: row.id, stack: stackFramesOf(error) }),
      );
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

async function reviewOne({ ctx, means, hasTime }: Run, due: DueRow): Promise<void> {
  const { ledger } = ctx;
  const read = await ledger.read('credential', due.id);
  switch (read.kind) {
    case 'unreachable':
      ctx.log({ level: 'error', event: 'ledger-unreachable', credentialId: due.id, upstream: read.upstream });
      return;
    case 'unreadable':
      return putAside(ctx, due);
    case 'absent':
      // Its date may be that of a bulk operation.
      if (due.key.startsWith('due') || (await pruneBulk(ctx, due.id, hasTime)))
        await ledger.commit({ remove: [due.key] });
      return;
    case 'found': {
      const row = { credential: read.value, etag: read.etag };
      if (nextReviewRow(row.credential, ctx.timings)?.key !== due.key) return correct(ctx, due, row);
      await review(ctx, means, row);
      if (due.key.startsWith('prune')) await removeIfForgotten(ctx, due);
    }
  }
}

/** The credential has another date, and its due row is missing if this one was put aside. */
async function correct(ctx: Context, { key, id, unreadableSince }: DueRow, row: Stored): Promise<void> {
  const open = unreadableSince === undefined ? [] : [unreadableRow(id, unreadableSince).key];
  await restoreDueRow(ctx, row, [key, ...open]);
}

async function removeIfForgotten({ ledger }: Context, due: DueRow): Promise<void> {
  if ((await ledger.read('credential', due.id)).kind === 'absent') await ledger.commit({ remove: [due.key] });
}

/** It would be first in every run from now on. Operators see it among what is open. */
async function putAside(ctx: Context, { key, id, unreadableSince = ctx.clock.now() }: DueRow): Promise<void> {
  ctx.log({ level: 'error', event: 'row-unreadable', credentialId: id });
  const later = rowOf('due', { id, at: ctx.clock.now() + UNREADABLE_PAUSE_MS, unreadableSince });
  await ctx.ledger.commit({ remove: [key], put: [later, unreadableRow(id, unreadableSince)] });
}

const unreadableRow = (id: string, since: number) => rowOf('open', { id, since, reason: 'unreadable' });

function measureOldest({ telemetry, log }: Context, oldest: DueRow | undefined, now: number): void {
  const ageMs = oldest === undefined ? 0 : Math.max(0, now - oldest.at);
  telemetry?.measure('vending.oldest_due', ageMs / 1000, {});
  if (ageMs >= UNDECIDED_AFTER_MS && oldest !== undefined)
    log({
      level: 'warn',
      event: 'reviews-late',
      credentialId: oldest.id,
      counts: { seconds: Math.round(ageMs / 1000) },
    });
}
