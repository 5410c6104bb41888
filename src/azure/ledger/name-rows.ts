import type { Ledger, NameClaimOutcome, NoteOutcome } from '../../vending/ports/ledger.ts';
import { noteOutcome, unreachable } from './outcomes.ts';
import { holderOfName, type NameHolder, nameKey, type RowKey } from './rows.ts';
import { type Attempt, isRowMissing, isRowPresent, isStale, type RunOperation } from './table.ts';

/** Who holds which secret name. */
export function nameRows(run: RunOperation): Pick<Ledger, 'claimName' | 'releaseName'> {
  return {
    claimName: ({ vaultUrl, secretName }, intentId) => claim(run, () => nameKey(vaultUrl, secretName), intentId),
    releaseName: ({ vaultUrl, secretName }, intentId, isOrphan) =>
      release(run, () => nameKey(vaultUrl, secretName), intentId, isOrphan),
  };
}

async function claim(run: RunOperation, key: () => RowKey, intentId: string): Promise<NameClaimOutcome> {
  const inserted = await run((table, call) => table.createEntity({ ...key(), intentId }, call));
  if (inserted.kind === 'done') return { kind: 'claimed' };
  if (!isRowPresent(inserted.upstream)) return unreachable(inserted.upstream);
  const holder = await readHolder(run, key);
  if (holder.kind === 'failed') return unreachable(holder.upstream);
  if (holder.value.intentId !== intentId) return { kind: 'held', intentId: holder.value.intentId };
  return renew(run, key, holder.value);
}

/** A new ETag, so that a release which read the old one fails. */
async function renew(run: RunOperation, key: () => RowKey, { intentId, etag }: NameHolder): Promise<NameClaimOutcome> {
  const renewed = await run((table, call) => table.updateEntity({ ...key(), intentId }, 'Replace', { ...call, etag }));
  return renewed.kind === 'done' ? { kind: 'claimed' } : unreachable(renewed.upstream);
}

async function release(
  run: RunOperation,
  key: () => RowKey,
  intentId: string,
  isOrphan: () => Promise<boolean>,
): Promise<NoteOutcome> {
  const holder = await readHolder(run, key);
  if (holder.kind === 'failed') return isRowMissing(holder.upstream) ? { kind: 'noted' } : noteOutcome(holder);
  const { etag } = holder.value;
  if (holder.value.intentId !== intentId || !(await isOrphan())) return { kind: 'noted' };
  const deleted = await run((table, call) => {
    const { partitionKey, rowKey } = key();
    return table.deleteEntity(partitionKey, rowKey, { ...call, etag });
  });
  if (deleted.kind === 'done' || isRowMissing(deleted.upstream) || isStale(deleted.upstream)) return { kind: 'noted' };
  return noteOutcome(deleted);
}

const readHolder = (run: RunOperation, key: () => RowKey): Promise<Attempt<NameHolder>> =>
  run(async (table, call) => {
    const { partitionKey, rowKey } = key();
    return holderOfName(await table.getEntity(partitionKey, rowKey, call));
  });
