import { type Preview, previewOf } from '../answers/preview.ts';
import type { Credential } from '../model/credential.ts';
import { readMarker } from '../model/idempotency.ts';
import { LEDGER_UNAVAILABLE, type Problem, problemOf } from '../model/problems.ts';
import { apply, TRANSITIONS, type Transition } from '../model/transitions.ts';
import type { VendSettings } from '../policy/policy.ts';
import type { Stored } from '../ports/ledger.ts';
import { restoreDueRow, review } from '../review/review.ts';
import { slotsFrom } from '../review/rotation.ts';
import { type Committed, commit, readCredential } from '../saga/commit.ts';
import { compensate } from '../saga/compensate.ts';
import type { Context } from '../saga/context.ts';
import { disableVersion, versionOf } from '../saga/deletion.ts';
import { continueRevocation } from '../saga/revocation.ts';
import { findUnnamedKey, isHidden } from '../saga/unnamed-keys.ts';
import { type Failed, failed } from './outcome.ts';
import type { Resolution } from './resolution.ts';
import { CONFLUENT_UNAVAILABLE, type Decided, decideKey, decideNone } from './resolve-attempt.ts';

export interface ResolveCommand {
  readonly id: string;
  readonly resolution: Resolution;
}

export type Resolved =
  | { readonly kind: 'resolved'; readonly credential: Credential }
  | { readonly kind: 'previewed'; readonly preview: Preview }
  | Failed;

/** How often somebody else may write the row meanwhile. */
const MAX_TRIES = 3;

/**
 * Does what an operator decided about a credential that waits for a person. The word is checked as far as it can be, and it
 * is in the audit trail under the operator's name.
 */
export async function resolveCredential(
  ctx: Context,
  settings: VendSettings,
  { id, resolution }: ResolveCommand,
): Promise<Resolved> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const read = await readCredential(ctx, id);
    if (read.kind === 'unreachable') return failed(LEDGER_UNAVAILABLE, id);
    if (read.kind === 'absent') return failed(NOT_FOUND, id);
    const resolved = await resolveOnce(ctx, settings, read.row, resolution);
    if (resolved !== 'overtaken') return resolved;
  }
  return failed(CHANGED, id);
}

async function resolveOnce(
  ctx: Context,
  settings: VendSettings,
  row: Stored,
  resolution: Resolution,
): Promise<Resolved | 'overtaken'> {
  switch (resolution.decision) {
    case 'key':
      return carryOut(ctx, row, await decideKey(ctx, row.credential, resolution), resolution);
    case 'none':
      return carryOut(ctx, row, await decideNone(ctx, row.credential, resolution), resolution);
    case 'gone':
      return resolveGone(ctx, row, resolution);
    case 'nothing-left':
      return resolveNothingLeft(ctx, row, resolution);
    case 'look': {
      const means = { terms: settings, slots: slotsFrom(ctx.clock.now()), isHurried: true };
      const reviewed = await review(ctx, means, row);
      const read = await readCredential(ctx, row.credential.id);
      if (read.kind !== 'found') return { kind: 'resolved', credential: reviewed.credential };
      await restoreDueRow(ctx, read.row);
      return { kind: 'resolved', credential: read.row.credential };
    }
  }
}

interface Trial {
  readonly validateOnly?: boolean;
}

async function carryOut(
  ctx: Context,
  row: Stored,
  decided: Decided,
  { validateOnly = false }: Trial,
): Promise<Resolved | 'overtaken'> {
  const { id } = row.credential;
  if (decided.kind === 'refused') return failed(decided.problem, id);
  const claimId = ctx.ids.writeId();
  if (!decidedBy(decided, claimId, (transition, input) => isAllowed(ctx, row.credential, transition, input)))
    return failed(NOT_NOW, id);
  if (validateOnly) return preview(row, EFFECTS[decided.kind]);
  const recorded = await decidedBy(decided, claimId, (transition, input) =>
    commit(ctx, row, transition, input, { id }),
  );
  if (recorded.kind !== 'committed') return afterLoss(recorded, id);
  const compensated = await compensate(ctx, recorded.row);
  return { kind: 'resolved', credential: (compensated.kind === 'closed' ? compensated.row : recorded.row).credential };
}

const EFFECTS = { adopt: 'adopt', delete: 'revoke', correct: 'revoke', close: 'close' } as const;

/** The transition that records a decision. */
function decidedBy<Result>(
  decided: Exclude<Decided, { kind: 'refused' }>,
  claimId: string,
  act: <Input>(transition: Transition<Input>, input: Input) => Result,
): Result {
  switch (decided.kind) {
    case 'adopt':
      return act(TRANSITIONS.resolveAsVended, decided.input);
    case 'delete':
      return act(TRANSITIONS.resolveWithKey, decided.input);
    case 'correct':
      return act(TRANSITIONS.correctNone, { ...decided.input, claimId });
    case 'close':
      return act(TRANSITIONS.resolveWithoutKey, decided.input);
  }
}

/** The version is disabled as well as it can be: the vault may be gone. */
async function resolveGone(
  ctx: Context,
  row: Stored,
  { apiKeyId: keyId, validateOnly = false }: Extract<Resolution, { decision: 'gone' }>,
): Promise<Resolved | 'overtaken'> {
  const { credential } = row;
  const { id } = credential;
  // Before anything is disabled: readers may use that version.
  if (!isAllowed(ctx, credential, TRANSITIONS.wordGone, { keyId })) return failed(NOT_TO_GO, id);
  const looked = await ctx.confluent.getKey(credential.target, keyId);
  if (looked.kind === 'found' && readMarker(looked.key.spec.description)?.id === id) return failed(ALIVE, id);
  if (looked.kind === 'unclear' && !isHidden(looked)) return failed(CONFLUENT_UNAVAILABLE, id);
  if (validateOnly) return preview(row, 'close');
  const version = versionOf(credential, keyId);
  if (version !== undefined) await disableVersion(ctx, credential, version);
  const recorded = await commit(ctx, row, TRANSITIONS.wordGone, { keyId }, { id });
  if (recorded.kind === 'not-allowed') return failed(NOT_TO_GO, id);
  if (recorded.kind !== 'committed') return afterLoss(recorded, id);
  const { revocation } = recorded.row.credential;
  const now = revocation === undefined ? recorded.row : (await continueRevocation(ctx, recorded.row)).row;
  return { kind: 'resolved', credential: now.credential };
}

async function resolveNothingLeft(
  ctx: Context,
  row: Stored,
  { validateOnly = false, vaultIsGone }: Extract<Resolution, { decision: 'nothing-left' }>,
): Promise<Resolved | 'overtaken'> {
  const { id, vaultUrl, secretName } = row.credential;
  if (!isAllowed(ctx, row.credential, TRANSITIONS.wordNothingLeft, {})) return failed(SOMETHING_LEFT, id);
  if (validateOnly) {
    const look = row.credential.closed === undefined ? await findUnnamedKey(ctx, row.credential) : undefined;
    return preview(row, look?.kind === 'found' ? 'revoke' : 'close');
  }
  // Where vault and Confluent answer, they say what is left. A key that they show is taken up: the word then meets a newer
  // row, and the look begins anew.
  const { row: seen } = await continueRevocation(ctx, row);
  // A vault that answers is swept, whatever the operator says of it.
  const isGone = vaultIsGone === true && (await ctx.vault.listVersions(vaultUrl, secretName)).kind === 'unavailable';
  const isOver = seen.credential.closed !== undefined && (!isGone || seen.credential.sweepAt === undefined);
  if (isOver) return { kind: 'resolved', credential: seen.credential };
  const recorded = await commit(ctx, row, TRANSITIONS.wordNothingLeft, { vaultIsGone: isGone }, { id });
  if (recorded.kind === 'not-allowed') return failed(SOMETHING_LEFT, id);
  return recorded.kind === 'committed'
    ? { kind: 'resolved', credential: recorded.row.credential }
    : afterLoss(recorded, id);
}

const isAllowed = <Input>(
  { clock, timings, actor }: Context,
  row: Credential,
  transition: Transition<Input>,
  input: Input,
): boolean => apply(transition, row, input, { now: clock.now(), timings, by: actor.party }).kind === 'allowed';

const preview = ({ credential }: Stored, effect: Preview['effect']): Resolved => ({
  kind: 'previewed',
  preview: previewOf('resolve', effect, credential),
});

const afterLoss = ({ kind }: Committed, id: string): Failed | 'overtaken' =>
  kind === 'unreachable' ? failed(LEDGER_UNAVAILABLE, id) : 'overtaken';

const NOT_NOW = problemOf('not-resolvable', 'The row does not take this decision now; read it, and decide again.');
const ALIVE = problemOf('not-resolvable', 'Confluent shows this key alive; delete it there, or lift its lock.');
const NOT_FOUND = problemOf('not-found', 'There is no credential with this id.');
const CHANGED: Problem = { ...LEDGER_UNAVAILABLE, detail: 'The credential changed meanwhile; read it and try again.' };
const NOT_TO_GO = problemOf(
  'not-resolvable',
  'apiKeyId is not a key that has to be deleted: neither of an attempt that is compensated, nor revoked, nor past its overlap.',
);
const SOMETHING_LEFT = problemOf(
  'not-resolvable',
  'The credential is not revoked, or its row still names a key or an attempt; resolve those first.',
);
