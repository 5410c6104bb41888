import { draftRotation } from './draft.ts';
import type { Intent, Supersession } from './intent.ts';
import type { Problem } from './model/problems.ts';
import { spanOfAdmission } from './outcome-class.ts';
import { type Authority, mayActOn } from './policy/authority.ts';
import { decide, decideByRule, type Grant } from './policy/policy.ts';
import { inSpan } from './ports/in-span.ts';
import type { LedgerRow } from './ports/ledger.ts';
import { NOT_FOUND } from './revoke.ts';
import type { IntentDraft } from './saga/claim.ts';
import { failedWith, isVended, problemOf, type VendedIntent, type VendOutcome } from './saga/outcome.ts';
import type { SagaPorts } from './saga/ports.ts';
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
export interface Rotation {
  readonly ports: SagaPorts;
  readonly settings: RotationSettings;
  readonly old: VendedIntent;
  readonly grant: Grant;
  readonly overlapMs: number;
}

export type Admission =
  | { readonly kind: 'admitted'; readonly rotation: Rotation }
  | { readonly kind: 'rotated-before'; readonly row: LedgerRow }
  | Extract<VendOutcome, { kind: 'problem' }>;

/** Whether this key may be rotated, by whoever asks, for as long an overlap as is asked for. */
export const admitRotation = (
  ports: SagaPorts,
  settings: RotationSettings,
  command: RotateCommand,
): Promise<Admission> => inSpan(ports, 'authorize', {}, () => authorize(ports, settings, command), spanOfAdmission);

async function authorize(ports: SagaPorts, settings: RotationSettings, command: RotateCommand): Promise<Admission> {
  const { authority, requestId } = command;
  const refuse = (problem: Problem): Admission => failedWith({ id: requestId, attempt: 0 }, problem);
  const read = await ports.ledger.read(requestId);
  if (read.kind === 'unreachable') return refuse(LEDGER_SILENT);
  if (read.kind === 'absent' || !mayActOn(authority, read.row.intent)) return refuse(NOT_FOUND);
  const { intent: old } = read.row;
  if (!isVended(old)) return { kind: 'rotated-before', row: read.row };
  const decision = decideByRule(settings.policy, old.rule, old.caller, old.target);
  if (decision.kind === 'denied' || !mayStillAsk(settings, authority, old)) return refuse(FORBIDDEN);
  const overlap = chooseOverlap(decision.grant, command.overlapMs);
  if ('problem' in overlap) return refuse(overlap.problem);
  return { kind: 'admitted', rotation: { ports, settings, old, grant: decision.grant, ...overlap } };
}

/** Who asks for a rotation himself has roles to show: without a right to a new key there is none by this way either. */
const mayStillAsk = ({ policy }: RotationSettings, authority: Authority, { target }: Intent): boolean =>
  authority.kind !== 'caller' || decide(policy, authority.caller, target).kind === 'granted';

export type RotationDraft =
  | { readonly kind: 'drafted'; readonly draft: IntentDraft }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** What an attempt would write; refused while there is no room for another key. */
export async function draftOf({ ports, settings, old, grant, overlapMs }: Rotation): Promise<RotationDraft> {
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

/** Bounds as policy's own: an overlap that outlasts the schedule would leave the next rotation no room. */
function chooseOverlap({ overlapMs, minOverlapMs, rotateEveryMs }: Grant, asked: number | undefined): Overlap {
  if (asked === undefined) return { overlapMs };
  if (asked < minOverlapMs) return { problem: OVERLAP_TOO_SHORT };
  return rotateEveryMs !== undefined && asked >= rotateEveryMs ? { problem: OVERLAP_TOO_LONG } : { overlapMs: asked };
}

const LEDGER_SILENT = problemOf('ledger-unavailable', 'The ledger did not answer; nothing was minted.');
const FORBIDDEN = problemOf('forbidden', 'The policy no longer grants what this key was vended under.');
const TOO_SOON = problemOf('rotation-too-soon', 'The key before this one still lives; there are two at most.');
const badOverlap = (detail: string): Problem => ({
  type: 'invalid-request',
  detail: 'The request breaks the rules listed in errors.',
  errors: [{ pointer: '/overlap', detail }],
});
const OVERLAP_TOO_SHORT = badOverlap('must be at least PT24H: Key Vault references are cached that long');
const OVERLAP_TOO_LONG = badOverlap('must be shorter than the time after which policy rotates the new key');
