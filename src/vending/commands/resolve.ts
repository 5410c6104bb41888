import { type Preview, previewOf } from '../answers/preview.ts';
import type { Credential } from '../model/credential.ts';
import { LEDGER_UNAVAILABLE, type Problem, problemOf } from '../model/problems.ts';
import { apply, TRANSITIONS, type Transition } from '../model/transitions.ts';
import type { VendSettings } from '../policy/policy.ts';
import type { Stored } from '../ports/ledger.ts';
import { restoreDueRow, review } from '../review/review.ts';
import { slotsFrom } from '../review/rotation.ts';
import { type Committed, commit, readCredential } from '../saga/commit.ts';
import { compensate } from '../saga/compensate.ts';
import type { Context } from '../saga/context.ts';
import { disableVersion } from '../saga/deletion.ts';
import { continueRevocation } from '../saga/revocation.ts';
import { type Failed, failed } from './outcome.ts';
import type { Resolution } from './resolution.ts';
import { type Decided, decideKey, decideNone } from './resolve-attempt.ts';

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
  if (validateOnly) return preview(row, decided.kind === 'delete' || decided.kind === 'correct' ? 'revoke' : 'close');
  const recorded = await record(ctx, row, decided);
  if (recorded.kind !== 'committed') return afterLoss(recorded, id);
  const compensated = await compensate(ctx, recorded.row);
  return { kind: 'resolved', credential: (compensated.kind === 'closed' ? compensated.row : recorded.row).credential };
}

function record(ctx: Context, row: Stored, decided: Exclude<Decided, { kind: 'refused' }>): Promise<Committed> {
  const options = { id: row.credential.id };
  switch (decided.kind) {
    case 'adopt':
      return commit(ctx, row, TRANSITIONS.resolveAsVended, decided.input, options);
    case 'delete':
      return commit(ctx, row, TRANSITIONS.resolveWithKey, decided.input, options);
    case 'correct':
      return commit(ctx, row, TRANSITIONS.correctNone, { ...decided.input, claimId: ctx.ids.writeId() }, options);
    case 'close':
      return commit(ctx, row, TRANSITIONS.resolveWithoutKey, decided.input, options);
  }
}

/** The version is disabled as well as it can be: the vault may be gone. */
async function resolveGone(
  ctx: Context,
  row: Stored,
  { apiKeyId: keyId, validateOnly = false }: Extract<Resolution, { decision: 'gone' }>,
): Promise<Resolved | 'overtaken'> {
  const { credential } = row;
  const { id, current, previous, work } = credential;
  // Before anything is disabled: readers may use that version.
  if (!isAllowed(ctx, credential, TRANSITIONS.wordGone, { keyId })) return failed(NOT_TO_GO, id);
  if (validateOnly) return preview(row, 'close');
  const version = [
    current?.key.id === keyId ? current : undefined,
    previous?.keyId === keyId ? previous : undefined,
    work?.keyId === keyId ? work : undefined,
  ]
    .map((part) => part?.secret?.version)
    .find((each) => each !== undefined);
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
  if (validateOnly) return preview(row, 'close');
  // A vault that answers is swept, whatever the operator says of it.
  const isGone = vaultIsGone === true && (await ctx.vault.listVersions(vaultUrl, secretName)).kind === 'unavailable';
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
