import type { TableClient, TableTransactionResponse, TransactionAction } from '@azure/data-tables';
import * as z from 'zod';
import { type RowKind, rowKey } from '../../vending/model/rows.ts';
import type { Moment } from '../../vending/model/timings.ts';
import type { UpstreamTrace } from '../../vending/model/tracing.ts';
import type { Commit, CommitOutcome, CredentialRemoval } from '../../vending/ports/ledger.ts';
import { within } from '../deadline.ts';
import { traceOf } from '../upstream-trace.ts';
import {
  DEADLINE_MS,
  entityOf,
  entityOfCredential,
  isRowMissing,
  isRowPresent,
  isStale,
  PARTITION,
  unexpectedAnswer,
  unreachable,
} from './table.ts';

/** One operation of a transaction. */
type Step =
  | { readonly does: 'write'; readonly kind: RowKind; readonly action: TransactionAction }
  | { readonly does: 'remove'; readonly action: TransactionAction };

/** One entity-group transaction. The SDK repeats what was not answered, so a conflict may be with an earlier try. */
export async function commitRows(
  client: TableClient,
  timings: Moment['timings'],
  commit: Commit,
): Promise<CommitOutcome> {
  const { credential } = commit;
  if (credential?.action === 'remove') return removeCredential(client, credential);
  try {
    return await within(DEADLINE_MS, (signal) => submit(client, [...stepsOf(commit, timings)], signal));
  } catch (error) {
    return unreachable(traceOf('ledger', error));
  }
}

/** The credential first, so that the service reports a stale one before anything else. */
function* stepsOf({ credential, insert = [], put = [], remove = [] }: Commit, timings: Moment['timings']) {
  if (credential !== undefined && credential.action !== 'remove') {
    const entity = entityOfCredential(credential.value, timings);
    const action: TransactionAction =
      credential.action === 'insert'
        ? ['create', { ...entity }]
        : ['update', { ...entity }, 'Replace', { etag: credential.etag }];
    yield writing('credential', action);
  }
  for (const row of insert) yield writing(row.kind, ['create', { ...entityOf(row) }]);
  for (const row of put) yield writing(row.kind, ['upsert', { ...entityOf(row) }, 'Replace']);
  for (const key of remove) yield removing(['delete', { partitionKey: PARTITION, rowKey: key }]);
}

const writing = (kind: RowKind, action: TransactionAction): Step => ({ does: 'write', kind, action });
const removing = (action: TransactionAction): Step => ({ does: 'remove', action });

async function submit(client: TableClient, steps: readonly Step[], abortSignal: AbortSignal): Promise<CommitOutcome> {
  // The service refuses a transaction of nothing.
  if (steps.length === 0) return { kind: 'committed', etag: '' };
  try {
    const response = await client.submitTransaction(
      steps.map(({ action }) => action),
      { abortSignal },
    );
    return { kind: 'committed', etag: provenEtag(steps, response) };
  } catch (error) {
    const upstream = traceOf('ledger', error);
    const failed = failedStep(steps, error);
    if (failed?.does === 'write' && isConflict(failed.kind, upstream)) return { kind: 'conflict', row: failed.kind };
    if (failed?.does !== 'remove' || !isRowMissing(upstream)) return unreachable(upstream);
    // A row that is already gone fails the whole transaction.
    const rest = steps.filter((step) => step !== failed);
    return submit(client, rest, abortSignal);
  }
}

/**
 * The client takes every 2xx for a success, whatever it holds. Only one answer for each operation proves the transaction.
 *
 * @returns the credential's new ETag; empty where none was written. Without it the next replace would be unconditional.
 */
function provenEtag(steps: readonly Step[], { status, subResponses }: TableTransactionResponse): string {
  const isProven = subResponses.length === steps.length && subResponses.every((each) => each.status === 204);
  if (!isProven) throw unexpectedAnswer(status);
  const [first] = steps;
  if (first?.does !== 'write' || first.kind !== 'credential') return '';
  const etag = subResponses[0]?.etag;
  if (etag === undefined || etag === '') throw unexpectedAnswer(status);
  return etag;
}

const failureSchema = z.object({ message: z.string().regex(/^\d+:/) });

/** The service puts the number of the operation that failed before its message: `1:The specified entity …`. */
function failedStep(steps: readonly Step[], error: unknown): Step | undefined {
  const { data } = failureSchema.safeParse(error);
  return data === undefined ? undefined : steps[Number.parseInt(data.message, 10)];
}

function isConflict(kind: RowKind, upstream: UpstreamTrace): boolean {
  if (isRowPresent(upstream)) return true;
  return kind === 'credential' && (isStale(upstream) || isRowMissing(upstream));
}

/** A request of its own: the client's transactions have no ETag for a delete. */
async function removeCredential(
  client: TableClient,
  { id, etag }: CredentialRemoval['credential'],
): Promise<CommitOutcome> {
  try {
    await within(DEADLINE_MS, (abortSignal) =>
      client.deleteEntity(PARTITION, rowKey('credential', id), { etag, abortSignal }),
    );
    return { kind: 'committed', etag: '' };
  } catch (error) {
    const upstream = traceOf('ledger', error);
    // An earlier try of this call may have removed it.
    if (isRowMissing(upstream)) return { kind: 'committed', etag: '' };
    return isStale(upstream) ? { kind: 'conflict', row: 'credential' } : unreachable(upstream);
  }
}
