import type { Intent } from '../../vending/intent.ts';
import type { Ledger, NameClaimOutcome, NoteOutcome, ReadOutcome, WriteOutcome } from '../../vending/ports/ledger.ts';
import type { UpstreamTrace } from '../../vending/upstream.ts';
import { dueKey, intentKey, intentOfRow, nameKey, ownerOfName, type RowKey, rowOfIntent } from './rows.ts';
import {
  type Attempt,
  isRowMissing,
  isRowPresent,
  isStale,
  openTable,
  type RunOperation,
  type TableOptions,
} from './table.ts';

/** The ledger in Azure Table Storage. */
export function createLedger(options: TableOptions): Ledger {
  const run = openTable(options);
  return {
    read: (intentId) => read(run, intentId),
    insert: async (intent) => {
      const attempt = await run((table, call) => table.createEntity(rowOfIntent(intent), call));
      return writeOutcome(attempt, intent, isRowPresent);
    },
    replace: async (intent, etag) => {
      const attempt = await run((table, call) => table.updateEntity(rowOfIntent(intent), 'Replace', { ...call, etag }));
      return writeOutcome(attempt, intent, (upstream) => isStale(upstream) || isRowMissing(upstream));
    },
    noteDue: async (intentId, at) =>
      noteOutcome(
        await run((table, call) => table.upsertEntity({ ...dueKey(intentId, at), intentId }, 'Replace', call)),
      ),
    clearDue: (intentId, at) => clear(run, () => dueKey(intentId, at)),
    claimName: (vaultUrl, name, intentId) => claimName(run, () => nameKey(vaultUrl, name), intentId),
    ping: () => ping(run),
  };
}

async function read(run: RunOperation, intentId: string): Promise<ReadOutcome> {
  const { partitionKey, rowKey } = intentKey(intentId);
  const attempt = await run(async (table, call) =>
    intentOfRow(intentId, await table.getEntity(partitionKey, rowKey, call)),
  );
  if (attempt.kind === 'done') return { kind: 'found', row: attempt.value };
  return isRowMissing(attempt.upstream) ? { kind: 'absent' } : unreachable(attempt.upstream);
}

function writeOutcome(
  attempt: Attempt<{ etag?: string }>,
  intent: Intent,
  isConflict: (upstream: UpstreamTrace) => boolean,
): WriteOutcome {
  if (attempt.kind === 'failed')
    return isConflict(attempt.upstream) ? { kind: 'conflict' } : unreachable(attempt.upstream);
  const { etag } = attempt.value;
  // An absent ETag would make the next replace an unconditional one.
  if (etag === undefined || etag === '') return unreachable({ service: 'ledger', code: 'NoETag' });
  return { kind: 'written', row: { intent, etag } };
}

async function clear(run: RunOperation, key: () => RowKey): Promise<NoteOutcome> {
  const attempt = await run(async (table, call) => {
    const { partitionKey, rowKey } = key();
    await table.deleteEntity(partitionKey, rowKey, call);
  });
  return attempt.kind === 'failed' && isRowMissing(attempt.upstream) ? { kind: 'noted' } : noteOutcome(attempt);
}

async function claimName(run: RunOperation, key: () => RowKey, intentId: string): Promise<NameClaimOutcome> {
  const claim = await run((table, call) => table.createEntity({ ...key(), intentId }, call));
  if (claim.kind === 'done') return { kind: 'claimed' };
  if (!isRowPresent(claim.upstream)) return unreachable(claim.upstream);
  const holder = await run(async (table, call) => {
    const { partitionKey, rowKey } = key();
    return ownerOfName(await table.getEntity(partitionKey, rowKey, call));
  });
  if (holder.kind === 'failed') return unreachable(holder.upstream);
  return holder.value === intentId ? { kind: 'claimed' } : { kind: 'held', intentId: holder.value };
}

async function ping(run: RunOperation): Promise<NoteOutcome> {
  const attempt = await run((table, call) => table.getEntity('ping', 'ping', call));
  return attempt.kind === 'failed' && isRowMissing(attempt.upstream) ? { kind: 'noted' } : noteOutcome(attempt);
}

const noteOutcome = (attempt: Attempt<unknown>): NoteOutcome =>
  attempt.kind === 'done' ? { kind: 'noted' } : unreachable(attempt.upstream);

const unreachable = (upstream: UpstreamTrace) => ({ kind: 'unreachable' as const, upstream });
