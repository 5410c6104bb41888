import type { Intent } from '../intent.ts';
import type { KeyRecord } from '../model/key-record.ts';
import type { ProblemSummary } from '../model/problems.ts';
import type { UpstreamTrace } from '../model/upstream.ts';
import { inSpan } from '../ports/in-span.ts';
import type { LedgerRow } from '../ports/ledger.ts';
import { type CompensatingRow, compensate, compensating, isCompensating } from './compensate.ts';
import { undecided } from './guards.ts';
import { failedWith, type VendOutcome } from './outcome.ts';
import type { SagaPorts } from './ports.ts';
import { type Recorded, recordWhile } from './record.ts';

/**
 * Gives up a key of which nothing was sent to the vault: `compensating` goes into the row first, then the key goes.
 *
 * Because no secret of this key can be anywhere, the key may be deleted even where the ledger cannot be reached or the
 * row went on without it: nobody can ever vend it.
 */
export async function giveUpKey(
  ports: SagaPorts,
  row: LedgerRow,
  key: KeyRecord,
  problem: ProblemSummary,
  cause?: UpstreamTrace,
): Promise<VendOutcome> {
  const result = await recordCompensating(ports, row, key, problem, cause);
  if (result.kind !== 'unreachable' && isCompensatingKey(result.row, key)) await compensate(ports, result.row);
  else await deleteUnstored(ports, row.intent, key);
  return failedWith(row.intent, problem);
}

export function recordCompensating(
  ports: SagaPorts,
  row: LedgerRow,
  key: KeyRecord,
  problem: ProblemSummary,
  cause?: UpstreamTrace,
): Promise<Recorded> {
  return recordWhile(ports, row, {
    change: { state: compensating(ports, key, problem) },
    permits: (seen) => undecided(seen, row.intent.attempt, key.id),
    cause,
  });
}

export const isCompensatingKey = (row: LedgerRow, key: KeyRecord): row is CompensatingRow =>
  isCompensating(row) && row.intent.state.key.id === key.id;

/** Deletes a key that no row names and whose secret was sent nowhere. */
export async function deleteUnstored(ports: SagaPorts, intent: Intent, key: KeyRecord): Promise<void> {
  const attributes = { requestId: intent.id, attempt: intent.attempt, apiKeyId: key.id };
  const deleted = await inSpan(
    ports,
    'compensate',
    attributes,
    () => ports.confluent.deleteKey(intent.target, key.id),
    ({ kind, upstream }) => ({ outcome: kind, upstream, failed: kind !== 'deleted' }),
  );
  ports.log({
    level: deleted.kind === 'deleted' ? 'warn' : 'error',
    event: `unstored-key-${deleted.kind}`,
    ...attributes,
    upstream: deleted.upstream,
  });
}
