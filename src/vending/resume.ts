import type { Intent, IntentState } from './intent.ts';
import type { Problem } from './model/problems.ts';
import type { LedgerRow } from './ports/ledger.ts';
import { compensate, isCompensating } from './saga/compensate.ts';
import { outcomeUnknown } from './saga/mint.ts';
import { failedWith, isVended, problemOf, type VendOutcome } from './saga/outcome.ts';
import type { SagaPorts } from './saga/ports.ts';
import { type Latest, latestRotation, successorIdOf } from './successors.ts';

export interface Resumption {
  readonly ports: SagaPorts;
  /** What a request comes to that meets its own failure. */
  again(row: LedgerRow, failed: Extract<IntentState, { kind: 'failed' }>): Promise<VendOutcome>;
}

const LEDGER_SILENT = problemOf('ledger-unavailable', 'The ledger did not answer; ask again.');
const IN_PROGRESS = problemOf('request-in-progress', 'This request is being worked on; ask again.', 2_000);
const CLEANING_UP = problemOf('request-in-progress', 'An earlier key of this request is being deleted.', 15_000);
export const REVOKED = problemOf('revoked', 'The key of this request was revoked; use a new idempotency key.');

/** What a request comes to that the ledger knows. */
export async function resume(resumption: Resumption, row: LedgerRow): Promise<VendOutcome> {
  const { ports } = resumption;
  const { intent } = row;
  if (isVended(intent)) return { kind: 'vended', intent, replayed: true };
  if (isCompensating(row)) {
    const closed = await compensate(ports, row);
    return closed === undefined ? stillOpen(ports, intent, CLEANING_UP) : resume(resumption, closed);
  }
  switch (intent.state.kind) {
    case 'unknown':
      return failedWith(intent, outcomeUnknown(intent));
    case 'failed':
      return resumption.again(row, intent.state);
    case 'superseded':
    case 'revoking':
    case 'revoked':
      return successorOf(ports, intent);
    default:
      return stillOpen(ports, intent, IN_PROGRESS);
  }
}

/** A key that was rotated is answered with the one that is in force now; one that was revoked, with that. */
async function successorOf({ ledger }: SagaPorts, intent: Intent): Promise<VendOutcome> {
  const successor = successorIdOf(intent.state);
  const latest: Latest = successor === undefined ? { kind: 'none' } : await latestRotation(ledger, successor);
  switch (latest.kind) {
    case 'unreachable':
    case 'too-far':
      // Not revoked: whoever is told that asks for another key.
      return failedWith(intent, LEDGER_SILENT);
    case 'none':
      return failedWith(intent, REVOKED);
    case 'last':
      return isVended(latest.intent)
        ? { kind: 'vended', intent: latest.intent, replayed: true }
        : failedWith(intent, REVOKED);
  }
}

/**
 * A claim that took longer to land than lease and settling time finds its due row cleared. Nothing was sent for it, but
 * nobody would ever look at it again: whoever meets the row overdue notes it anew.
 */
async function stillOpen(ports: SagaPorts, intent: Intent, problem: Problem): Promise<VendOutcome> {
  const { id: intentId, dueAt } = intent;
  if (ports.clock.now() > dueAt) await ports.ledger.noteDue({ intentId, at: new Date(dueAt) });
  return failedWith(intent, problem);
}
