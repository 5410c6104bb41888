import type { Ledger, NameClaimOutcome, NoteOutcome } from '../../vending/ports/ledger.ts';
import { noteOutcome, unreachable } from './outcomes.ts';
import { holderOfName, type NameHolder, nameKey, type RowKey } from './rows.ts';
import { type Attempt, isRowMissing, isRowPresent, isStale, type Table } from './table.ts';

/** Who holds which secret name. */
export function nameRows(table: Table): Pick<Ledger, 'claimName' | 'releaseName'> {
  return {
    claimName: ({ vaultUrl, secretName }, intentId) => claim(table, () => nameKey(vaultUrl, secretName), intentId),
    releaseName: ({ vaultUrl, secretName }, intentId, isOrphan) =>
      release(table, () => nameKey(vaultUrl, secretName), intentId, isOrphan),
  };
}

async function claim(table: Table, key: () => RowKey, intentId: string): Promise<NameClaimOutcome> {
  const inserted = await table.insert(() => ({ ...key(), intentId }));
  if (inserted.kind === 'done') return { kind: 'claimed' };
  if (!isRowPresent(inserted.upstream)) return unreachable(inserted.upstream);
  const holder = await readHolder(table, key);
  if (holder.kind === 'failed') return unreachable(holder.upstream);
  if (holder.value.intentId !== intentId) return { kind: 'held', intentId: holder.value.intentId };
  return renew(table, key, holder.value);
}

/** A new ETag, so that a release which read the old one fails. */
async function renew(table: Table, key: () => RowKey, { intentId, etag }: NameHolder): Promise<NameClaimOutcome> {
  const renewed = await table.put(() => ({ ...key(), intentId }), etag);
  return renewed.kind === 'done' ? { kind: 'claimed' } : unreachable(renewed.upstream);
}

async function release(
  table: Table,
  key: () => RowKey,
  intentId: string,
  isOrphan: () => Promise<boolean>,
): Promise<NoteOutcome> {
  const holder = await readHolder(table, key);
  if (holder.kind === 'failed') return isRowMissing(holder.upstream) ? { kind: 'noted' } : noteOutcome(holder);
  const { etag } = holder.value;
  if (holder.value.intentId !== intentId || !(await isOrphan())) return { kind: 'noted' };
  const deleted = await table.remove(key, etag);
  if (deleted.kind === 'done' || isRowMissing(deleted.upstream) || isStale(deleted.upstream)) return { kind: 'noted' };
  return noteOutcome(deleted);
}

const readHolder = (table: Table, key: () => RowKey): Promise<Attempt<NameHolder>> => table.get(key, holderOfName);
