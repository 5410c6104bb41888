import type { Intent } from '../intent.ts';
import type { KeyRecord } from '../model/key-record.ts';
import { PROBLEMS, type ProblemSummary } from '../model/problems.ts';
import { inSpan } from '../ports/in-span.ts';
import type { LedgerRow } from '../ports/ledger.ts';
import type { SpanAttributes } from '../ports/telemetry.ts';
import { deleteWithProof, PROPAGATION_MS } from './delete-key.ts';
import type { SagaPorts } from './ports.ts';
import { recordOnce } from './record.ts';
import { releaseChosenName } from './release-name.ts';

type Compensating = Extract<Intent['state'], { kind: 'compensating' }>;
export type CompensatingRow = LedgerRow & { readonly intent: Intent & { readonly state: Compensating } };

export const isCompensating = (row: LedgerRow): row is CompensatingRow => row.intent.state.kind === 'compensating';

export const compensating = (ports: SagaPorts, key: KeyRecord, problem: ProblemSummary): Compensating => ({
  kind: 'compensating',
  key,
  problem,
  since: ports.clock.now(),
});

/**
 * Deletes the key that the row names, takes its secret out of force, and closes the attempt.
 *
 * The row must be freshly read and say `compensating`: without that in the ledger another worker may be about to vend
 * the key. Every step may be repeated; whatever cannot be proven leaves the row as it is, to be taken up again.
 *
 * @returns the closed row (`failed`, or `unknown` where Confluent refuses the delete), or undefined where it stays open.
 */
export function compensate(ports: SagaPorts, row: CompensatingRow): Promise<LedgerRow | undefined> {
  const { id: requestId, attempt, state } = row.intent;
  const attributes = { requestId, attempt, apiKeyId: state.key.id };
  return inSpan(ports, 'compensate', attributes, () => deleteAndClose(ports, row), spanOfClosed);
}

const spanOfClosed = (closed: LedgerRow | undefined): SpanAttributes => ({
  outcome: closed?.intent.state.kind ?? 'open',
  failed: closed?.intent.state.kind !== 'failed',
});

async function deleteAndClose(ports: SagaPorts, row: CompensatingRow): Promise<LedgerRow | undefined> {
  const { target, state } = row.intent;
  const doomed = { target, keyId: state.key.id, propagatedAt: state.since + PROPAGATION_MS };
  const fate = await deleteWithProof(ports, doomed);
  if (fate === 'unproven') return undefined;
  const { leaseMs, settleMs } = ports.timings;
  // What is undecided is put off, so its time may lie beyond every lease.
  const leaseUntil = Math.min(row.intent.dueAt - settleMs, state.since + leaseMs);
  if (fate === 'alive') {
    return recordOnce(ports, row, { state: { kind: 'unknown', leaseUntil, keyId: state.key.id } });
  }
  if (!(await disableVersions(ports, row.intent))) return undefined;
  const closed = await closeAsFailed(ports, row);
  if (closed !== undefined && !PROBLEMS[state.problem.type].transient) await releaseChosenName(ports, closed);
  return closed;
}

async function closeAsFailed(ports: SagaPorts, row: CompensatingRow): Promise<LedgerRow | undefined> {
  const { clock, timings, ledger } = ports;
  const { id: intentId, dueAt, state } = row.intent;
  const since = clock.now();
  // A write to the vault that was cut off may land until then, and must be found by the sweep.
  const sweepAt = Math.max(dueAt, since + timings.settleMs);
  if ((await ledger.noteDue({ intentId, at: new Date(sweepAt) })).kind !== 'noted') return undefined;
  const failed = { kind: 'failed', problem: state.problem, retryAt: since, since, sweepAt } as const;
  return recordOnce(ports, row, { state: failed, dueAt: sweepAt });
}

/** Disables every version that the attempt stored. False where one of them may still be in force. */
export async function disableVersions(ports: SagaPorts, intent: Intent, orEarlier?: true): Promise<boolean> {
  const { vaultUrl, secretName: name, id: intentId, attempt } = intent;
  const found = await ports.vault.findVersions({ vaultUrl, name, intentId, attempt, ...(orEarlier && { orEarlier }) });
  if (found.kind === 'unavailable') return false;
  for (const { version, enabled } of found.versions) {
    if (!enabled) continue;
    if ((await ports.vault.disableVersion(vaultUrl, name, version)).kind === 'unavailable') return false;
  }
  return true;
}
