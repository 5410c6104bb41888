import { type PreviewOutcome, previewOf } from './answers/preview.ts';
import type { Intent, IntentState } from './intent.ts';
import { rotationIdOf } from './model/idempotency.ts';
import type { Problem } from './model/problems.ts';
import { type Authority, mayActOn } from './policy/authority.ts';
import type { LedgerRow } from './ports/ledger.ts';
import { failedWith, isRevoked, problemOf, type RevokedIntent, type VendOutcome } from './saga/outcome.ts';
import type { SagaPorts } from './saga/ports.ts';
import { recordOnce } from './saga/record.ts';
import { isRevoking, type RevokingRow, revokeKey } from './saga/revoke-key.ts';
import { successorIdOf } from './successors.ts';

export interface RevokeCommand {
  readonly authority: Authority;
  readonly requestId: string;
}

export type RevokeOutcome =
  | {
      readonly kind: 'revoked';
      readonly intent: RevokedIntent;
      /** A rotation has, or may yet have, another key in this one's place; it is not touched. */
      readonly successor?: string;
    }
  | Extract<VendOutcome, { kind: 'problem' }>;

/** How often somebody else may write the row between our look and our write. */
const TRIES = 4;

/**
 * Takes a key and its secret out of force for good. Asked again, or for a key that is gone already, it succeeds.
 *
 * The row says `revoking` before the key goes; whoever dies after that is followed by the reconciler.
 */
export async function revoke(ports: SagaPorts, { authority, requestId }: RevokeCommand): Promise<RevokeOutcome> {
  for (let tries = 0; tries < TRIES; tries++) {
    const read = await ports.ledger.read(requestId);
    if (read.kind === 'unreachable') break;
    if (read.kind === 'absent' || !mayActOn(authority, read.row.intent)) return refuse(requestId, NOT_FOUND);
    const outcome = await revokeRow(ports, read.row);
    if (outcome !== 'overtaken') return outcome;
  }
  return refuse(requestId, LEDGER_SILENT);
}

/** What a revocation would do; nothing is deleted, nothing is written. */
export async function previewRevoke(
  ports: SagaPorts,
  { authority, requestId }: RevokeCommand,
): Promise<PreviewOutcome> {
  const read = await ports.ledger.read(requestId);
  if (read.kind === 'unreachable') return refuse(requestId, LEDGER_SILENT);
  if (read.kind === 'absent' || !mayActOn(authority, read.row.intent)) return refuse(requestId, NOT_FOUND);
  const { intent } = read.row;
  const obstacle = obstacleTo(intent.state);
  if (obstacle !== undefined) return refuse(requestId, obstacle);
  return previewOf('revoke', intent.state.kind === 'revoked' ? 'none' : 'revoke', intent);
}

async function revokeRow(ports: SagaPorts, row: LedgerRow): Promise<RevokeOutcome | 'overtaken'> {
  const { intent } = row;
  const { id, state } = intent;
  const obstacle = obstacleTo(state);
  if (obstacle !== undefined) return refuse(id, obstacle);
  if (isRevoked(intent)) return answer(ports, intent);
  const revoking = isRevoking(row) ? row : await recordRevoking(ports, row);
  return revoking === undefined ? 'overtaken' : finish(ports, revoking);
}

const refuse = (requestId: string, problem: Problem) => failedWith({ id: requestId, attempt: 0 }, problem);

/** Undefined where there is a key that can be revoked, or was. */
function obstacleTo({ kind }: IntentState): Problem | undefined {
  switch (kind) {
    case 'vended':
    case 'superseded':
    case 'revoking':
    case 'revoked':
      return undefined;
    case 'minting':
    case 'minted':
    case 'compensating':
      return IN_PROGRESS;
    case 'failed':
      return NO_KEY;
    case 'unknown':
      return UNKNOWN;
  }
}

/** The due row first: from the next line on somebody has to finish this. */
async function recordRevoking(ports: SagaPorts, row: LedgerRow): Promise<RevokingRow | undefined> {
  const { state, id: intentId } = row.intent;
  if (state.kind !== 'vended' && state.kind !== 'superseded') return undefined;
  const { key, secret } = state;
  const since = ports.clock.now();
  const dueAt = since + ports.timings.settleMs;
  if ((await ports.ledger.noteDue({ intentId, at: new Date(dueAt) })).kind !== 'noted') return undefined;
  const successor = successorIdOf(state);
  const revoking = { kind: 'revoking', key, secret, since, ...(successor === undefined ? {} : { successor }) } as const;
  const recorded = await recordOnce(ports, row, { state: revoking, dueAt });
  return recorded !== undefined && isRevoking(recorded) ? recorded : undefined;
}

async function finish(ports: SagaPorts, row: RevokingRow): Promise<RevokeOutcome> {
  const revocation = await revokeKey(ports, row);
  if (revocation.kind === 'revoked') return answer(ports, revocation.intent);
  return refuse(row.intent.id, revocation.kind === 'refused' ? REFUSED : NOT_YET);
}

/** A rotation that was under way is told of: its key is another one, and has to be revoked by its own id. */
async function answer(ports: SagaPorts, intent: RevokedIntent): Promise<RevokeOutcome> {
  const successor = successorIdOf(intent.state) ?? (await rotationUnderWay(ports, intent));
  return successor === undefined ? { kind: 'revoked', intent } : { kind: 'revoked', intent, successor };
}

async function rotationUnderWay({ ledger }: SagaPorts, intent: Intent): Promise<string | undefined> {
  const id = rotationIdOf(intent);
  const read = await ledger.read(id);
  if (read.kind === 'absent') return undefined;
  return read.kind === 'found' && read.row.intent.state.kind === 'failed' ? undefined : id;
}

export const NOT_FOUND = problemOf('not-found', 'No request with this id is yours.');
const LEDGER_SILENT = problemOf('ledger-unavailable', 'The ledger did not answer; ask again.', 5_000);
const IN_PROGRESS = problemOf('request-in-progress', 'This request is being worked on; ask again.', 2_000);
const NO_KEY = problemOf('not-revocable', 'This request failed; no key of it lives.');
const UNKNOWN = problemOf('not-revocable', 'It is unknown whether a key was minted; an operator has to resolve it.');
const REFUSED = problemOf('upstream-forbidden', 'Confluent does not let this service delete the key; it was told.');
const NOT_YET = problemOf('not-yet-revoked', 'The key is being deleted; ask again to see it proven.', 15_000);
