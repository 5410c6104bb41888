import type { IntentStateKind } from '../intent.ts';
import type { DueRow, LedgerRow } from '../ports/ledger.ts';
import { announce, isAnnounced } from '../saga/announce.ts';
import { isVended } from '../saga/outcome.ts';
import type { SagaPorts } from '../saga/ports.ts';
import { supersedeOld } from '../saga/supersede.ts';
import { moveOn } from './move-on.ts';
import { measureOpen, noneOpen, noteOpen, type OpenIntents } from './open-intents.ts';
import { requestRotation, type Slots, slotsFrom } from './rotation-schedule.ts';
import { clearDueRow, clearStale, forget, mayStillCome } from './stale.ts';

export interface ReconcileBounds {
  /** Due rows handled in one run, about; the rest waits for the next. */
  readonly batch: number;
  readonly concurrency: number;
}

/** What one run works with. */
interface Run {
  readonly ports: SagaPorts;
  readonly slots: Slots;
  readonly open: OpenIntents;
  announce(row: LedgerRow): Promise<LedgerRow>;
}

/** Nothing else is urgent about them: they come up again in the next run, until their event is taken. */
const WAITS_TO_BE_TOLD: readonly IntentStateKind[] = ['vended', 'failed', 'unknown', 'revoked'];

/**
 * Moves on whatever is due: intents whose worker died, keys to delete or to rotate, late versions to disable, failures
 * to forget.
 *
 * It reads the due rows and nothing else, so its cost grows with what is open. Every step is a compare-and-set from a
 * fresh read and may be repeated, so several of them may run at once and die anywhere.
 *
 * @returns what it had to leave open; undefined where the ledger is silent.
 */
export async function reconcile(
  ports: SagaPorts,
  { batch, concurrency }: ReconcileBounds,
): Promise<OpenIntents | undefined> {
  const before = new Date(ports.clock.now());
  const run = { ports, slots: slotsFrom(before), open: noneOpen(), announce: announcer(ports) };
  let left = batch;
  for (let from: string | undefined = ''; from !== undefined && left > 0; ) {
    const listed = await ports.ledger.listDue({ limit: batch, before, from });
    if (listed.kind === 'unreachable') {
      ports.log({ level: 'error', event: 'due-rows-unreadable', upstream: listed.upstream });
      return undefined;
    }
    left -= await reconcileAll(run, listed.rows, concurrency);
    from = listed.next;
  }
  measureOpen(ports, run.open);
  return run.open;
}

/** Once a topic takes nothing, the rest of the run does without: what is open must not wait for it. */
function announcer(ports: SagaPorts): Run['announce'] {
  let takesEvents = true;
  return async (row) => {
    if (!takesEvents) return row;
    const announced = await announce(ports, row);
    takesEvents = isAnnounced(ports, announced);
    return announced;
  };
}

/** @returns how many there was something to do about: rows that wait for a slow writer must not hold up those behind. */
async function reconcileAll(run: Run, rows: readonly DueRow[], concurrency: number): Promise<number> {
  const left = rows.values();
  let handled = 0;
  const lane = async (): Promise<void> => {
    for (const due of left) if ((await reconcileOne(run, due)) === 'handled') handled++;
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return handled;
}

async function reconcileOne(run: Run, due: DueRow): Promise<'waits' | 'handled'> {
  const { ports } = run;
  const read = await ports.ledger.read(due.intentId);
  if (read.kind === 'unreachable') return 'handled';
  const row = read.kind === 'found' ? await run.announce(read.row) : undefined;
  if (row !== undefined && WAITS_TO_BE_TOLD.includes(row.intent.state.kind) && !isAnnounced(ports, row)) return 'waits';
  if (row !== undefined && isVended(row.intent)) await lookAtVended(run, due, row);
  else if (row?.intent.dueAt === due.at.getTime()) await moveOnAndClear(run, due, row);
  else if (mayStillCome(ports, due)) return 'waits';
  else if (row === undefined) await forget(ports, due);
  else await clearStale(ports, due, row);
  return 'handled';
}

/** Its secret is in force. What may be left is to mark the key that it replaces, to rotate it, or to clear up. */
async function lookAtVended({ ports, slots }: Run, due: DueRow, row: LedgerRow): Promise<void> {
  const { intent } = row;
  if (!isVended(intent) || !(await supersedeOld(ports, intent))) return;
  if (intent.state.rotateAt === due.at.getTime()) await requestRotation(ports, { ...row, intent }, slots);
  else await clearStale(ports, due, row);
}

async function moveOnAndClear({ ports, open }: Run, due: DueRow, row: LedgerRow): Promise<void> {
  const after = await moveOn(ports, row);
  if (after !== 'removed') noteOpen(open, after ?? row);
  if (after === undefined) return;
  const settled =
    after === 'removed' ||
    (isVended(after.intent)
      ? (await supersedeOld(ports, after.intent)) && isAnnounced(ports, after)
      : after.intent.dueAt !== due.at.getTime());
  if (settled) await clearDueRow(ports, due);
}
