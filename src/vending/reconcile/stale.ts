import type { Intent } from '../intent.ts';
import { auditRecordOf } from '../model/audit.ts';
import type { DueRow, LedgerRow, NameClaim } from '../ports/ledger.ts';
import { disableVersions } from '../saga/compensate.ts';
import type { SagaPorts } from '../saga/ports.ts';
import { releaseName } from '../saga/release-name.ts';

/** Times lease and settling time: about ten minutes by default. */
const PATIENCE = 3;

/**
 * A due row is written before what it announces. One that announces nothing (any more) may belong to a writer that is
 * slow, so it is cleared only long after.
 */
export function mayStillCome({ clock, timings: { leaseMs, settleMs } }: SagaPorts, due: DueRow): boolean {
  return clock.now() - due.at.getTime() < PATIENCE * (leaseMs + settleMs);
}

/**
 * The row went on, to another attempt or to its end. What an earlier attempt's store landed late goes out of force.
 *
 * @returns whether it is cleared up.
 */
export async function clearStale(ports: SagaPorts, due: DueRow, row: LedgerRow): Promise<boolean> {
  const { intent } = row;
  const earlier = { ...intent, attempt: intent.attempt - 1 };
  if (earlier.attempt > 0 && !(await disableVersions(ports, earlier, true))) return false;
  if (due.claim !== undefined && !isOf(intent, due.claim)) {
    if ((await releaseName(ports, due.claim, row)).kind !== 'noted') return false;
  }
  // Whoever wrote this died before it cleared the due row, perhaps before its audit record; ids tell repetitions.
  ports.audit(
    auditRecordOf({ at: ports.clock.now(), actor: ports.actor, before: undefined, after: intent, cause: undefined }),
  );
  await clearDueRow(ports, due);
  return true;
}

/** Policy may have moved the secret to another vault since. */
const isOf = ({ vaultUrl, secretName }: Intent, claim: NameClaim): boolean =>
  claim.vaultUrl === vaultUrl && claim.secretName.toLowerCase() === secretName.toLowerCase();

/**
 * A due row without an intent: its claim never came, and what it had claimed of names is free again.
 *
 * @returns whether it is forgotten.
 */
export async function forget(ports: SagaPorts, due: DueRow): Promise<boolean> {
  const absent = async (): Promise<boolean> => (await ports.ledger.read(due.intentId)).kind === 'absent';
  if (due.claim !== undefined) {
    const released = await ports.ledger.releaseName(due.claim, due.intentId, absent);
    if (released.kind !== 'noted') return false;
  }
  await clearDueRow(ports, due);
  return true;
}

export async function clearDueRow(ports: SagaPorts, due: DueRow): Promise<void> {
  await ports.ledger.clearDue(due.intentId, due.at);
}
