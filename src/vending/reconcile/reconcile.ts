import { auditRecordOf } from '../audit.ts';
import type { DueRow, LedgerRow } from '../ports/ledger.ts';
import { compensate, disableVersions, isCompensating } from '../saga/compensate.ts';
import type { SagaPorts } from '../saga/ports.ts';
import { closeOrPrune } from './failed.ts';
import { parkUnknown } from './park.ts';
import { recoverMinted, recoverMinting } from './recover.ts';

export interface ReconcileBounds {
  /** Due rows handled in one run, about; the rest waits for the next. */
  readonly batch: number;
  readonly concurrency: number;
}

/**
 * Moves on whatever is due: intents whose worker died, keys to delete, late versions to disable, failures to forget.
 *
 * It reads the due rows and nothing else, so its cost grows with what is open. Every step is a compare-and-set from a
 * fresh read and may be repeated, so several of them may run at once and die anywhere.
 */
export async function reconcile(ports: SagaPorts, { batch, concurrency }: ReconcileBounds): Promise<void> {
  const before = new Date(ports.clock.now());
  let left = batch;
  for (let from: string | undefined = ''; from !== undefined && left > 0; ) {
    const listed = await ports.ledger.listDue({ limit: batch, before, from });
    if (listed.kind === 'unreachable') {
      ports.log({ level: 'error', event: 'due-rows-unreadable', upstream: listed.upstream });
      return;
    }
    left -= await reconcileAll(ports, listed.rows, concurrency);
    from = listed.next;
  }
}

/** @returns how many there was something to do about: rows that wait for a slow writer must not hold up those behind. */
async function reconcileAll(ports: SagaPorts, rows: readonly DueRow[], concurrency: number): Promise<number> {
  const left = rows.values();
  let handled = 0;
  const lane = async (): Promise<void> => {
    for (const due of left) if ((await reconcileOne(ports, due)) === 'handled') handled++;
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return handled;
}

async function reconcileOne(ports: SagaPorts, due: DueRow): Promise<'waits' | 'handled'> {
  const read = await ports.ledger.read(due.intentId);
  if (read.kind === 'unreachable') return 'handled';
  const row = read.kind === 'found' ? read.row : undefined;
  if (row?.intent.state.kind === 'vended') await clearStale(ports, due, row);
  else if (row?.intent.dueAt === due.at.getTime()) await moveOnAndClear(ports, due, row);
  else if (mayStillCome(ports, due)) return 'waits';
  else if (row === undefined) await forget(ports, due);
  else await clearStale(ports, due, row);
  return 'handled';
}

async function moveOnAndClear(ports: SagaPorts, due: DueRow, row: LedgerRow): Promise<void> {
  if (hasServed(await moveOn(ports, row), due)) await clear(ports, due);
}

/** Times lease and settling time: about ten minutes by default. */
const PATIENCE = 3;

/**
 * A due row is written before what it announces. One that announces nothing (any more) may belong to a writer that is
 * slow, so it is cleared only long after.
 */
function mayStillCome({ clock, timings: { leaseMs, settleMs } }: SagaPorts, due: DueRow): boolean {
  return clock.now() - due.at.getTime() < PATIENCE * (leaseMs + settleMs);
}

/** @returns the row as it is now; undefined where nothing could be decided yet. */
async function moveOn(ports: SagaPorts, row: LedgerRow): Promise<LedgerRow | 'removed' | undefined> {
  if (isCompensating(row)) return compensate(ports, row);
  const { state } = row.intent;
  switch (state.kind) {
    case 'minting':
      return recoverMinting(ports, row, state);
    case 'minted':
      return recoverMinted(ports, row, state);
    case 'failed':
      return closeOrPrune(ports, row, state);
    case 'unknown':
      return parkUnknown(ports, row);
    default:
      return row;
  }
}

/** The row went on, to another attempt or to its end. What an earlier attempt's store landed late goes out of force. */
async function clearStale(ports: SagaPorts, due: DueRow, { intent }: LedgerRow): Promise<void> {
  for (let attempt = 1; attempt < intent.attempt; attempt++) {
    if (!(await disableVersions(ports, { ...intent, attempt }))) return;
  }
  // Whoever wrote this died before it cleared the due row, perhaps before its audit record; ids tell repetitions.
  ports.audit(
    auditRecordOf({ at: ports.clock.now(), actor: ports.actor, before: undefined, after: intent, cause: undefined }),
  );
  await clear(ports, due);
}

function hasServed(after: LedgerRow | 'removed' | undefined, due: DueRow): boolean {
  if (after === undefined) return false;
  return after === 'removed' || after.intent.state.kind === 'vended' || after.intent.dueAt !== due.at.getTime();
}

/** A due row without an intent: its claim never came, and what it had claimed of names is free again. */
async function forget(ports: SagaPorts, due: DueRow): Promise<void> {
  const absent = async (): Promise<boolean> => (await ports.ledger.read(due.intentId)).kind === 'absent';
  if (due.claim !== undefined) {
    const released = await ports.ledger.releaseName(due.claim, due.intentId, absent);
    if (released.kind !== 'noted') return;
  }
  await clear(ports, due);
}

async function clear(ports: SagaPorts, due: DueRow): Promise<void> {
  await ports.ledger.clearDue(due.intentId, due.at);
}
