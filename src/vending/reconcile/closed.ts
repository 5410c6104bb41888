import type { IntentState } from '../intent.ts';
import { rotationIdOf } from '../model/idempotency.ts';
import type { LedgerRow } from '../ports/ledger.ts';
import { isAnnounced } from '../saga/announce.ts';
import { disableVersions } from '../saga/compensate.ts';
import type { SagaPorts } from '../saga/ports.ts';
import { recordOnce } from '../saga/record.ts';
import { releaseName } from '../saga/release-name.ts';
import { latestRotation } from '../successors.ts';
import { rollForward } from './roll-forward.ts';

type Failed = Extract<IntentState, { kind: 'failed' }>;
type Revoked = Extract<IntentState, { kind: 'revoked' }>;
type Done = LedgerRow | 'removed' | undefined;

/** How often a rotation is asked for that has to come: a pause or an outage may have swallowed the wish. */
const ASK_AGAIN_MS = 24 * 3_600_000;

/** Sweeps what may have landed late in the vault, keeps the failure for its time, then forgets it. */
export async function closeOrPrune(ports: SagaPorts, row: LedgerRow, { sweepAt, ...state }: Failed): Promise<Done> {
  if (sweepAt !== undefined && !(await disableVersions(ports, row.intent))) return undefined;
  // It was asked for when it was swept; a topic that takes nothing brings the row back every minute.
  if (sweepAt === undefined && !isAnnounced(ports, row)) return undefined;
  const now = ports.clock.now();
  const rolled = await rollForward(ports, row.intent);
  const pruneAt = state.since + ports.timings.retentionMs;
  // Of an attempt that named no key nothing was stored: it does not wait for its vault for ever.
  const mayGo = sweepAt === undefined && now >= pruneAt && row.intent.earlierKeys.length === 0;
  if (rolled === 'open' && !mayGo) return undefined;
  if (!isAnnounced(ports, row)) return waitToBeTold(ports, row, sweepAt, state);
  if (rolled === 'asked') return keepUntil(ports, row, state, now + ASK_AGAIN_MS);
  if (sweepAt === undefined && now >= pruneAt) return prune(ports, row);
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
  // A rotation that was under way while the key was revoked is a successor too: it holds the same secret name.
  const latest = await latestRotation(ports.ledger, state.successor ?? rotationIdOf(row.intent));
  if (latest.kind === 'unreachable') return undefined;
  if (latest.kind === 'none') return prune(ports, row);
  // Led to the latest one, lest the way there grow without end.
  const led = state.successor === undefined ? state : { ...state, successor: latest.intent.id };
  return keepUntil(ports, row, led, now + ports.timings.retentionMs);
}

/** It stays due where it is, so that its event is told soon; what was swept need not be swept again. */
const waitToBeTold = async (
  ports: SagaPorts,
  row: LedgerRow,
  sweepAt: number | undefined,
  state: Failed | Revoked,
): Promise<Done> => (sweepAt === undefined ? undefined : recordOnce(ports, row, { state }));

async function keepUntil(ports: SagaPorts, row: LedgerRow, state: Failed | Revoked, dueAt: number): Promise<Done> {
  const { id: intentId } = row.intent;
  if ((await ports.ledger.noteDue({ intentId, at: new Date(dueAt) })).kind !== 'noted') return undefined;
  return recordOnce(ports, row, { state, dueAt });
}

async function prune(ports: SagaPorts, row: LedgerRow): Promise<'removed' | undefined> {
  const { vaultUrl, secretName, id } = row.intent;
  if ((await releaseName(ports, { vaultUrl, secretName }, row)).kind !== 'noted') return undefined;
  return (await ports.ledger.remove(id, row.etag)) === 'written' ? 'removed' : undefined;
}
