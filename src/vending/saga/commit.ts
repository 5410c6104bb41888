import type { Credential } from '../model/credential.ts';
import type { ProblemSummary } from '../model/problems.ts';
import type { UpstreamTrace } from '../model/tracing.ts';
import { apply, type Transition, transitionNameOf } from '../model/transitions.ts';
import type { CommitOutcome, Stored } from '../ports/ledger.ts';
import { commitOf, type PlannedChange, type PlannedCommit } from './changes.ts';
import type { Context } from './context.ts';

/**
 * The outcome of a commit.
 *
 * - `overtaken`: the row, read again, does not carry our write. `mayLand`: our commit went unanswered, so it may take
 *   effect later if the row is still the one that we started from. One unchanged read proves nothing.
 * - `taken`: another row stood in the way, and nothing was written.
 * - `not-allowed`: the table does not allow the change on this row.
 */
export type Committed =
  | { readonly kind: 'committed'; readonly row: Stored }
  | { readonly kind: 'overtaken'; readonly row: Stored | undefined; readonly mayLand: boolean }
  | { readonly kind: 'taken'; readonly by: 'name' | 'rotation'; readonly row: Stored | undefined }
  | { readonly kind: 'not-allowed'; readonly row: Stored | undefined }
  | { readonly kind: 'unreachable' };

export interface CommitOptions {
  /** The upstream answer that led to the change, for the audit trail. */
  readonly cause?: UpstreamTrace | undefined;
  readonly id: string;
  /** Known before the commit, where the row itself names it. */
  readonly writeId?: string | undefined;
  /** When the first of several tries on the same row was made, in ms since the epoch: whichever lands, its record is one. */
  readonly at?: number;
  /** SHA-256 of what a rotation asked for. */
  readonly requestHash?: string | undefined;
  /** Of a row that was lost: consumers of its events have seen lower ones. */
  readonly sequence?: number | undefined;
}

/** How often a change that the row still allows is tried again after another writer was first. */
const MAX_TRIES = 4;
/** Characters of the document. A string property of Table Storage holds 32,768. */
export const MAX_DOCUMENT = 16_384;

export const RECORD_FULL: ProblemSummary = {
  type: 'record-full',
  detail: 'The record of this credential is too large for another attempt. Vend a new credential and revoke this one.',
};

/** True if the row still fits its property. Every record in it is bounded, so this guards against a defect. */
export const fits = (row: Credential): boolean => JSON.stringify(row).length <= MAX_DOCUMENT;

/**
 * Commits one transition of the table on the row that it was decided on. A conflict, or a commit without an answer, is
 * settled by reading the row and looking for our `writeId`.
 */
export async function commit<Input>(
  ctx: Context,
  from: Stored | undefined,
  transition: Transition<Input>,
  input: Input,
  options: CommitOptions,
): Promise<Committed> {
  const writeId = options.writeId ?? ctx.ids.writeId();
  const planned = plan(ctx, from, transition, input, { ...options, writeId });
  if (planned === undefined) return { kind: 'not-allowed', row: from };
  const outcome = await send(ctx, planned.plan, options.id);
  if (outcome.kind === 'committed') return confirmed(ctx, planned.change.after, planned.plan, outcome.etag);
  const read = await ctx.ledger.read('credential', options.id);
  if (read.kind === 'unreachable' || read.kind === 'unreadable') return { kind: 'unreachable' };
  // An earlier try under the same id may have landed, on the same row: what was read is what counts, in the records too.
  if (read.kind === 'found' && read.value.writeId === writeId)
    return confirmed(ctx, read.value, commitOf({ ...planned.change, after: read.value }), read.etag);
  const row = read.kind === 'found' ? { credential: read.value, etag: read.etag } : undefined;
  if (outcome.kind === 'conflict' && (outcome.row === 'name' || outcome.row === 'rotation'))
    return { kind: 'taken', by: outcome.row, row };
  return { kind: 'overtaken', row, mayLand: outcome.kind === 'unreachable' };
}

/** The same, tried again on the row as it then is, as long as the table allows it. */
export async function commitWhileAllowed<Input>(
  ctx: Context,
  from: Stored,
  transition: Transition<Input>,
  input: Input,
  options: Pick<CommitOptions, 'cause'> = {},
): Promise<Committed> {
  // One id for all tries: an earlier one may land late, and is then known as ours.
  const nameTry = () => ({ ...options, id: from.credential.id, writeId: ctx.ids.writeId(), at: ctx.clock.now() });
  let row = from;
  let named = nameTry();
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const result = await commit(ctx, row, transition, input, named);
    if (result.kind !== 'overtaken' || result.row === undefined) return result;
    // On another row it is another change: an earlier try has landed below it, or never will.
    if (result.row.etag !== row.etag) named = nameTry();
    row = result.row;
  }
  return { kind: 'unreachable' };
}

interface Planned {
  readonly change: PlannedChange;
  readonly plan: PlannedCommit;
}

function plan<Input>(
  ctx: Context,
  from: Stored | undefined,
  transition: Transition<Input>,
  input: Input,
  {
    cause,
    requestHash,
    writeId,
    at: triedAt,
    sequence = (from?.credential.sequence ?? 0) + 1,
  }: CommitOptions & { readonly writeId: string },
): Planned | undefined {
  const { clock, timings, actor, events } = ctx;
  const now = clock.now();
  const at = triedAt ?? now;
  const applied = apply(transition, from?.credential, input, { now, timings, by: actor.party });
  if (applied.kind === 'refused') return undefined;
  const after = { ...applied.row, sequence, writeId };
  const isBookkeeping = transition.isBookkeeping === true;
  const hasTopic = events !== undefined;
  const name = transitionNameOf(transition);
  const written = { change: name, isBookkeeping, from, after, at, timings, actor: actor.name };
  const change = { ...written, cause, requestHash, hasTopic };
  return { change, plan: commitOf(change) };
}

/** A name row of our own id is our own, left by a ledger that lost the row beside it. */
async function send(ctx: Context, { commit: wanted }: PlannedCommit, id: string): Promise<CommitOutcome> {
  const outcome = await ctx.ledger.commit(wanted);
  if (outcome.kind === 'unreachable') {
    ctx.log({ level: 'error', event: 'commit-failed', credentialId: id, upstream: outcome.upstream });
  }
  if (outcome.kind !== 'conflict' || outcome.row !== 'name') return outcome;
  const [name, rest] = [wanted.insert?.filter(isName) ?? [], wanted.insert?.filter((row) => !isName(row)) ?? []];
  const [, ...key] = name[0]?.key.split('_') ?? [];
  const holder = await ctx.ledger.read('name', ...key);
  if (holder.kind !== 'found' || holder.value.id !== id) return outcome;
  return ctx.ledger.commit({ ...wanted, insert: rest, put: [...(wanted.put ?? []), ...name] });
}

const isName = ({ kind }: { readonly kind: string }): boolean => kind === 'name';

function confirmed(ctx: Context, credential: Credential, { recorded }: PlannedCommit, etag: string): Committed {
  ctx.outbox.publish(recorded, ctx.audit);
  return { kind: 'committed', row: { credential, etag } };
}

/** Reads a credential. `unreachable` where the ledger did not answer, or the row is of another version. */
export async function readCredential(
  ctx: Pick<Context, 'ledger' | 'log'>,
  id: string,
): Promise<
  { readonly kind: 'found'; readonly row: Stored } | { readonly kind: 'absent' } | { readonly kind: 'unreachable' }
> {
  const read = await ctx.ledger.read('credential', id);
  switch (read.kind) {
    case 'found':
      return { kind: 'found', row: { credential: read.value, etag: read.etag } };
    case 'absent':
      return { kind: 'absent' };
    case 'unreadable':
      ctx.log({ level: 'error', event: 'row-unreadable', credentialId: id });
      return { kind: 'unreachable' };
    case 'unreachable':
      ctx.log({ level: 'error', event: 'ledger-unreachable', credentialId: id, upstream: read.upstream });
      return { kind: 'unreachable' };
  }
}
