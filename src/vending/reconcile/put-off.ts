import type { IntentState } from '../intent.ts';
import type { DueRow, LedgerRow } from '../ports/ledger.ts';
import { isToBeTold } from '../saga/announce.ts';
import type { SagaPorts } from '../saga/ports.ts';
import { recordOnce } from '../saga/record.ts';

/** For so long it is looked at in every run: most of what fails is over by then. */
const PATIENCE_MS = 600_000;
const LONGEST_MS = 3_600_000;

/**
 * What Confluent or the vault did not decide is looked at again after half the time that it has been so, an hour at most:
 * an organization or a vault that is gone for good would use up ARM's budget and the runs of everybody else.
 */
export async function putOffUndecided(ports: SagaPorts, due: DueRow): Promise<void> {
  const read = await ports.ledger.read(due.intentId);
  // A topic that takes nothing is asked in every run; whatever moved the row meanwhile has set its time.
  if (read.kind !== 'found' || read.row.intent.dueAt !== due.at.getTime() || isToBeTold(ports, read.row)) return;
  const { state } = read.row.intent;
  const since = undecidedSince(state);
  if (since === undefined) return;
  const undecidedMs = ports.clock.now() - since;
  if (undecidedMs < PATIENCE_MS) return;
  // Until it was put off once nobody may have looked: the reconciler itself may have been away.
  const lookedAtMs = due.at.getTime() - since < PATIENCE_MS ? PATIENCE_MS : undecidedMs;
  await putOff(ports, read.row, due, Math.min(LONGEST_MS, Math.floor(lookedAtMs / 2)));
}

/** Of a due row that its intent has left behind nothing is known but its time. */
export async function putOffStale({ clock, ledger }: SagaPorts, due: DueRow): Promise<void> {
  const noted = await ledger.noteDue({ ...due, at: new Date(clock.now() + LONGEST_MS) });
  if (noted.kind === 'noted') await ledger.clearDue(due.intentId, due.at);
}

async function putOff(ports: SagaPorts, row: LedgerRow, due: DueRow, pauseMs: number): Promise<void> {
  const { clock, ledger, log } = ports;
  const { id: intentId, state } = row.intent;
  const dueAt = clock.now() + pauseMs;
  log({ level: 'warn', event: 'left-undecided', requestId: intentId, state: state.kind });
  if ((await ledger.noteDue({ intentId, at: new Date(dueAt) })).kind !== 'noted') return;
  const moved = await recordOnce(ports, row, { state, dueAt });
  if (moved !== undefined) await ledger.clearDue(intentId, due.at);
}

/** Undefined where an operator decides, or its time is a promise. No worker holds what is due: its lease is over. */
function undecidedSince(state: IntentState): number | undefined {
  switch (state.kind) {
    case 'compensating':
    case 'revoking':
    case 'failed':
    case 'revoked':
      return state.since;
    case 'minting':
    case 'minted':
      return state.leaseUntil;
    case 'unknown':
    case 'vended':
    case 'superseded':
      return undefined;
  }
}
