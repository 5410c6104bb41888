import { rotationIdOf } from '../idempotency.ts';
import type { Intent, IntentState } from '../intent.ts';
import type { LedgerRow } from '../ports/ledger.ts';
import { isAnnounced } from '../saga/announce.ts';
import { disableVersions } from '../saga/compensate.ts';
import type { SagaPorts } from '../saga/ports.ts';
import { recordOnce } from '../saga/record.ts';
import { rollForward } from './roll-forward.ts';

type Failed = Extract<IntentState, { kind: 'failed' }>;
type Revoked = Extract<IntentState, { kind: 'revoked' }>;
type Done = LedgerRow | 'removed' | undefined;

/** Sweeps what may have landed late in the vault, keeps the failure for its time, then forgets it. */
export async function closeOrPrune(ports: SagaPorts, row: LedgerRow, { sweepAt, ...state }: Failed): Promise<Done> {
  const isSwept =
    sweepAt === undefined || ((await disableVersions(ports, row.intent)) && (await rollForward(ports, row.intent)));
  if (!isSwept) return undefined;
  if (!isAnnounced(ports, row)) return waitToBeTold(ports, row, sweepAt, state);
  const pruneAt = state.since + ports.timings.retentionMs;
  if (sweepAt === undefined && ports.clock.now() >= pruneAt) return prune(ports, row);
  return keepUntil(ports, row, state, pruneAt);
}

/**
 * The same for what was revoked; but it is kept as long as a rotation of it is, whether or not that was marked before the
 * revocation: requests find it so, and a request that is forgotten would mint again, over the rotation's secret.
 */
export async function closeOrPruneRevoked(
  ports: SagaPorts,
  row: LedgerRow,
  { sweepAt, ...state }: Revoked,
): Promise<Done> {
  if (sweepAt !== undefined && !(await disableVersions(ports, row.intent))) return undefined;
  if (!isAnnounced(ports, row)) return waitToBeTold(ports, row, sweepAt, state);
  const now = ports.clock.now();
  const pruneAt = state.since + ports.timings.retentionMs;
  if (sweepAt !== undefined || now < pruneAt) return keepUntil(ports, row, state, pruneAt);
  const successor = await successorOf(ports, row.intent, state);
  if (successor === 'unreachable') return undefined;
  return successor === 'gone' ? prune(ports, row) : keepUntil(ports, row, state, now + ports.timings.retentionMs);
}

/** It stays due where it is, so that its event is told soon; what was swept need not be swept again. */
const waitToBeTold = async (
  ports: SagaPorts,
  row: LedgerRow,
  sweepAt: number | undefined,
  state: Failed | Revoked,
): Promise<Done> => (sweepAt === undefined ? undefined : recordOnce(ports, row, { state }));

/** A rotation that was under way while the key was revoked is a successor too: it holds the same secret name. */
async function successorOf(
  { ledger }: SagaPorts,
  intent: Intent,
  { successor = rotationIdOf(intent) }: Revoked,
): Promise<'kept' | 'gone' | 'unreachable'> {
  const read = await ledger.read(successor);
  if (read.kind === 'unreachable') return 'unreachable';
  return read.kind === 'found' ? 'kept' : 'gone';
}

async function keepUntil(ports: SagaPorts, row: LedgerRow, state: Failed | Revoked, dueAt: number): Promise<Done> {
  const { id: intentId } = row.intent;
  if ((await ports.ledger.noteDue({ intentId, at: new Date(dueAt) })).kind !== 'noted') return undefined;
  return recordOnce(ports, row, { state, dueAt });
}

async function prune(ports: SagaPorts, { intent, etag }: LedgerRow): Promise<'removed' | undefined> {
  const { vaultUrl, secretName, id } = intent;
  const isUnchanged = async (): Promise<boolean> => {
    const read = await ports.ledger.read(id);
    return read.kind === 'found' && read.row.etag === etag;
  };
  const released = await ports.ledger.releaseName({ vaultUrl, secretName }, id, isUnchanged);
  if (released.kind !== 'noted') return undefined;
  return (await ports.ledger.remove(id, etag)) === 'written' ? 'removed' : undefined;
}
