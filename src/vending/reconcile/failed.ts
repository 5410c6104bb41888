import type { IntentState } from '../intent.ts';
import type { LedgerRow } from '../ports/ledger.ts';
import { disableVersions } from '../saga/compensate.ts';
import type { SagaPorts } from '../saga/ports.ts';
import { recordOnce } from '../saga/record.ts';

type Failed = Extract<IntentState, { kind: 'failed' }>;

/** Sweeps what may have landed late in the vault, keeps the failure for its time, then forgets it. */
export async function closeOrPrune(
  ports: SagaPorts,
  row: LedgerRow,
  { sweepAt, ...state }: Failed,
): Promise<LedgerRow | 'removed' | undefined> {
  if (sweepAt !== undefined && !(await disableVersions(ports, row.intent))) return undefined;
  const pruneAt = state.since + ports.timings.retentionMs;
  if (sweepAt === undefined && ports.clock.now() >= pruneAt) return prune(ports, row);
  const { id: intentId } = row.intent;
  if ((await ports.ledger.noteDue({ intentId, at: new Date(pruneAt) })).kind !== 'noted') return undefined;
  return recordOnce(ports, row, { state, dueAt: pruneAt });
}

async function prune(ports: SagaPorts, { intent, etag }: LedgerRow): Promise<'removed' | undefined> {
  const { vaultUrl, secretName, id } = intent;
  const released = await ports.ledger.releaseName({ vaultUrl, secretName }, id, async () => true);
  if (released.kind !== 'noted') return undefined;
  return (await ports.ledger.remove(id, etag)) === 'written' ? 'removed' : undefined;
}
