import type { UpstreamTrace } from '../model/upstream.ts';
import { type DueRow, type LedgerRow, MALFORMED_ROW } from '../ports/ledger.ts';
import { announce, isAnnounced, isToBeTold } from '../saga/announce.ts';
import { isVended } from '../saga/outcome.ts';
import type { SagaPorts } from '../saga/ports.ts';
import { supersedeOld } from '../saga/supersede.ts';
import { moveOn } from './move-on.ts';
import { measureOpen, noneOpen, noteOpen, type OpenIntents } from './open-intents.ts';
import { putOffStale, putOffUndecided } from './put-off.ts';
import { requestRotation, type Slots, slotsFrom } from './rotation-schedule.ts';
import { clearDueRow, clearStale, forget, mayStillCome } from './stale.ts';

export interface ReconcileBounds {
  /** Due rows handled in one run, about; the rest waits for the next. */
  readonly batch: number;
  readonly concurrency: number;
}

/** The host kills a process whose function takes five minutes, and what it vends with it; one row takes three at worst. */
const LAST_ROW_AFTER_MS = 90_000;

/** What one run works with. */
interface Run {
  readonly ports: SagaPorts;
  /** Whether another row may be begun. */
  hasTime(): boolean;
  readonly slots: Slots;
  readonly open: OpenIntents;
  announce(row: LedgerRow): Promise<LedgerRow>;
}

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
  const hasTime = (): boolean => ports.clock.now() - before.getTime() < LAST_ROW_AFTER_MS;
  const run = { ports, hasTime, slots: slotsFrom(before), open: noneOpen(), announce: announcer(ports) };
  let left = batch;
  for (let from: string | undefined = ''; from !== undefined && left > 0 && hasTime(); ) {
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
    if (!takesEvents || !isToBeTold(ports, row)) return row;
    const announced = await announce(ports, row);
    takesEvents = isAnnounced(ports, announced);
    return announced;
  };
}

/** @returns how many there was something to do about: rows that wait for somebody else must not hold up those behind. */
async function reconcileAll(run: Run, rows: readonly DueRow[], concurrency: number): Promise<number> {
  const left = rows.values();
  let handled = 0;
  const lane = async (): Promise<void> => {
    for (const due of left) {
      if (!run.hasTime()) return;
      if ((await reconcileOne(run, due)) === 'handled') handled++;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return handled;
}

type Looked = 'waits' | 'handled';

async function reconcileOne(run: Run, due: DueRow): Promise<Looked> {
  const { ports } = run;
  const read = await ports.ledger.read(due.intentId);
  if (read.kind === 'unreachable') return unread(ports, due, read.upstream);
  const row = read.kind === 'found' ? await run.announce(read.row) : undefined;
  if (row !== undefined && isVended(row.intent)) return lookAtVended(run, due, row);
  if (row?.intent.dueAt === due.at.getTime()) {
    if (await moveOnAndClear(run, due, row)) return 'handled';
    await putOffUndecided(ports, due);
    return 'waits';
  }
  if (mayStillCome(ports, due)) return 'waits';
  return clearUp(ports, due, row);
}

/** A due row that announces nothing any more. */
async function clearUp(ports: SagaPorts, due: DueRow, row: LedgerRow | undefined): Promise<Looked> {
  if (await (row === undefined ? forget(ports, due) : clearStale(ports, due, row))) return 'handled';
  await putOffStale(ports, due);
  return 'waits';
}

/** A silent ledger ends the run soon; a row of another version would be first in every batch from now on. */
function unread({ log }: SagaPorts, { intentId: requestId }: DueRow, upstream: UpstreamTrace): Looked {
  log({ level: 'error', event: 'due-row-unreadable', requestId, upstream });
  return upstream.code === MALFORMED_ROW ? 'waits' : 'handled';
}

/**
 * Its secret is in force. What may be left is to mark the key that it replaces, to rotate it, to tell of it, or to clear
 * up. A due row that is not its own may announce a revocation that is slow to come.
 */
async function lookAtVended({ ports, slots }: Run, due: DueRow, row: LedgerRow): Promise<Looked> {
  const { intent } = row;
  const at = due.at.getTime();
  if (!isVended(intent) || !(await supersedeOld(ports, intent))) return 'waits';
  if (intent.state.rotateAt === at) return requestRotation(ports, { ...row, intent }, slots);
  if (!isAnnounced(ports, row) || (intent.dueAt !== at && mayStillCome(ports, due))) return 'waits';
  return clearUp(ports, due, row);
}

async function moveOnAndClear({ ports, open }: Run, due: DueRow, row: LedgerRow): Promise<boolean> {
  const after = await moveOn(ports, row);
  if (after !== 'removed') noteOpen(open, after ?? row);
  if (after === undefined) return false;
  const settled =
    after === 'removed' ||
    (isVended(after.intent)
      ? (await supersedeOld(ports, after.intent)) && isAnnounced(ports, after)
      : after.intent.dueAt !== due.at.getTime());
  if (settled) await clearDueRow(ports, due);
  return true;
}
