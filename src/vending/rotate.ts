import { attemptOnce } from './attempt.ts';
import { type Authority, mayActOn } from './authority.ts';
import { draftRotation } from './draft.ts';
import { rotationIdOf } from './idempotency.ts';
import { inSpan } from './in-span.ts';
import type { Intent, IntentState, Supersession } from './intent.ts';
import { spanOfAdmission } from './outcome-class.ts';
import { decideByRule, type Grant } from './policy/policy.ts';
import type { LedgerRow } from './ports/ledger.ts';
import { type PreviewOutcome, previewOf, standingOf } from './preview.ts';
import type { Problem } from './problems.ts';
import { resume } from './resume.ts';
import { NOT_FOUND } from './revoke.ts';
import type { IntentDraft } from './saga/claim.ts';
import { failedWith, isVended, problemOf, type VendedIntent, type VendOutcome } from './saga/outcome.ts';
import type { SagaPorts } from './saga/ports.ts';
import { supersedeOld } from './saga/supersede.ts';
import { PAUSED, type VendSettings } from './vend.ts';

export interface RotateCommand {
  readonly authority: Authority;
  /** Of the request whose key is to be replaced. */
  readonly requestId: string;
  /** How long the old key lives on. Absent: as policy says. */
  readonly overlapMs?: number | undefined;
}

export type RotationSettings = Pick<VendSettings, 'mode' | 'policy'>;

/** A rotation that may be tried: what it replaces, and under what grant. */
interface Rotation {
  readonly ports: SagaPorts;
  readonly settings: RotationSettings;
  readonly old: VendedIntent;
  readonly grant: Grant;
  readonly overlapMs: number;
}

/**
 * Puts another key and another version of the same secret in the place of a vended one. The old key lives on for the
 * overlap; if the rotation fails, it stays as it was.
 *
 * A rotation is named by what it replaces, so however often and by whomever it is asked for, it is one.
 */
export async function rotate(
  ports: SagaPorts,
  settings: RotationSettings,
  command: RotateCommand,
): Promise<VendOutcome> {
  const admitted = await admit(ports, settings, command);
  switch (admitted.kind) {
    case 'problem':
      return admitted;
    case 'rotated-before':
      return whatBecameOf(ports, admitted.row);
    case 'admitted':
      return rotateVended(admitted.rotation);
  }
}

/** The same up to the first effect: nothing is minted, nothing is written. */
export async function previewRotate(
  ports: SagaPorts,
  settings: RotationSettings,
  command: RotateCommand,
): Promise<PreviewOutcome> {
  const admitted = await admit(ports, settings, command);
  if (admitted.kind === 'problem') return admitted;
  if (admitted.kind === 'rotated-before') return previewOfRow(admitted.row);
  const { rotation } = admitted;
  const id = rotationIdOf(rotation.old);
  const read = await ports.ledger.read(id);
  if (read.kind === 'unreachable') return failedWith({ id, attempt: 0 }, LEDGER_SILENT);
  if (read.kind === 'found' && standingOf(read.row.intent) !== 'again') return previewOfRow(read.row);
  const drafted = await draft(rotation);
  if (drafted.kind === 'refused') return failedWith({ id, attempt: 0 }, drafted.problem);
  return previewOf('rotate', 'mint', drafted.draft, ports.clock.now() + rotation.overlapMs);
}

function previewOfRow({ intent }: LedgerRow): PreviewOutcome {
  const standing = standingOf(intent);
  if (standing === 'replay') return previewOf('rotate', 'replay', intent);
  return failedWith(intent, standing === 'again' || intent.state.kind === 'unknown' ? NO_KEY : standing);
}

type Admission =
  | { readonly kind: 'admitted'; readonly rotation: Rotation }
  | { readonly kind: 'rotated-before'; readonly row: LedgerRow }
  | Extract<VendOutcome, { kind: 'problem' }>;

const admit = (ports: SagaPorts, settings: RotationSettings, command: RotateCommand): Promise<Admission> =>
  inSpan(ports, 'authorize', {}, () => authorize(ports, settings, command), spanOfAdmission);

async function authorize(ports: SagaPorts, settings: RotationSettings, command: RotateCommand): Promise<Admission> {
  const { authority, requestId } = command;
  const refuse = (problem: Problem): Admission => failedWith({ id: requestId, attempt: 0 }, problem);
  const read = await ports.ledger.read(requestId);
  if (read.kind === 'unreachable') return refuse(LEDGER_SILENT);
  if (read.kind === 'absent' || !mayActOn(authority, read.row.intent)) return refuse(NOT_FOUND);
  const { intent: old } = read.row;
  if (!isVended(old)) return { kind: 'rotated-before', row: read.row };
  const decision = decideByRule(settings.policy, old.rule, old.caller, old.target);
  if (decision.kind === 'denied') return refuse(FORBIDDEN);
  const overlap = chooseOverlap(decision.grant, command.overlapMs);
  if ('problem' in overlap) return refuse(overlap.problem);
  return { kind: 'admitted', rotation: { ports, settings, old, grant: decision.grant, ...overlap } };
}

/** What was rotated before is answered with the key that is in force now. */
async function whatBecameOf(ports: SagaPorts, row: LedgerRow): Promise<VendOutcome> {
  const { kind } = row.intent.state;
  if (kind === 'failed' || kind === 'unknown') return failedWith(row.intent, NO_KEY);
  return resume({ ports, again: async (failed) => failedWith(failed.intent, NO_KEY) }, row);
}

async function rotateVended(rotation: Rotation): Promise<VendOutcome> {
  const { ports, old } = rotation;
  const id = rotationIdOf(old);
  const read = await ports.ledger.read(id);
  if (read.kind === 'unreachable') return failedWith({ id, attempt: 0 }, LEDGER_SILENT);
  if (read.kind === 'absent') return attempt(rotation, undefined);
  const { row } = read;
  // Vended, and the old one not yet marked: that was cut short.
  if (isVended(row.intent)) await supersedeOld(ports, row.intent);
  return resume({ ports, again: (failed, state) => tryAgain(rotation, failed, state) }, row);
}

async function tryAgain(
  rotation: Rotation,
  row: LedgerRow,
  { retryAt, problem }: Extract<IntentState, { kind: 'failed' }>,
): Promise<VendOutcome> {
  const wait = retryAt - rotation.ports.clock.now();
  return wait > 0 ? failedWith(row.intent, { ...problem, retryAfterMs: wait }) : attempt(rotation, row);
}

async function attempt(rotation: Rotation, row: LedgerRow | undefined): Promise<VendOutcome> {
  const { ports, old, grant } = rotation;
  const drafted = await draft(rotation);
  if (drafted.kind === 'drafted') return attemptOnce(ports, grant, { draft: drafted.draft, naming: 'inherited' }, row);
  return failedWith({ id: rotationIdOf(old), attempt: row?.intent.attempt ?? 0 }, drafted.problem);
}

type Draft =
  | { readonly kind: 'drafted'; readonly draft: IntentDraft }
  | { readonly kind: 'refused'; readonly problem: Problem };

async function draft({ ports, settings, old, grant, overlapMs }: Rotation): Promise<Draft> {
  if (settings.mode !== 'normal') return { kind: 'refused', problem: PAUSED };
  const tooSoon = await overlapOf(ports, old);
  if (tooSoon !== undefined) return { kind: 'refused', problem: tooSoon };
  return { kind: 'drafted', draft: draftRotation(old, grant, { overlapMs, now: ports.clock.now() }) };
}

/** At most two keys live for one secret: before the one that this key replaced is gone, there is no third. */
async function overlapOf(ports: SagaPorts, old: Intent): Promise<Problem | undefined> {
  if (old.supersedes === undefined) return undefined;
  const read = await ports.ledger.read(old.supersedes.intentId);
  if (read.kind === 'unreachable') return LEDGER_SILENT;
  if (read.kind === 'absent') return undefined;
  const { state } = read.row.intent;
  if (state.kind === 'revoked') return undefined;
  const until = state.kind === 'superseded' ? state.revokeAt - ports.clock.now() : 0;
  return { ...TOO_SOON, retryAfterMs: Math.max(until, 60_000) };
}

type Overlap = Pick<Supersession, 'overlapMs'> | { readonly problem: Problem };

function chooseOverlap({ overlapMs, minOverlapMs }: Grant, asked: number | undefined): Overlap {
  if (asked === undefined) return { overlapMs };
  return asked >= minOverlapMs ? { overlapMs: asked } : { problem: OVERLAP_TOO_SHORT };
}

const LEDGER_SILENT = problemOf('ledger-unavailable', 'The ledger did not answer; nothing was minted.');
const FORBIDDEN = problemOf('forbidden', 'The policy no longer has the rule under which this key was vended.');
const NO_KEY = problemOf('not-rotatable', 'This request has no key in force.');
const TOO_SOON = problemOf('rotation-too-soon', 'The key before this one still lives; there are two at most.');
const OVERLAP_TOO_SHORT: Problem = {
  type: 'invalid-request',
  detail: 'The request breaks the rules listed in errors.',
  errors: [{ pointer: '/overlap', detail: 'must be at least PT24H: Key Vault references are cached that long' }],
};
