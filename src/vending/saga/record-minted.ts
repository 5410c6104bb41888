import type { KeyRecord } from '../model/key-record.ts';
import type { UpstreamTrace } from '../model/upstream.ts';
import type { LedgerRow } from '../ports/ledger.ts';
import type { Secret } from '../secret/secret.ts';
import { compensate } from './compensate.ts';
import { deleteUnstored, giveUpKey, isCompensatingKey } from './give-up-key.ts';
import { undecided } from './guards.ts';
import type { MintingRow } from './mint.ts';
import { failedWith, problemOf, type VendOutcome } from './outcome.ts';
import type { SagaPorts } from './ports.ts';
import { moved, record } from './record.ts';
import { storeOnce } from './store.ts';

const OVERTAKEN = problemOf(
  'ledger-unavailable',
  'The ledger went on without this worker; the key that it had minted is being deleted.',
);

/**
 * Writes the key into the row, then stores its secret.
 *
 * With the ledger silent the store goes ahead: the marker names the key, and the version's tags name the intent. With
 * the row moved on by somebody else, nothing was sent to the vault yet, so the key is given up.
 */
export async function recordMinted(
  ports: SagaPorts,
  row: MintingRow,
  key: KeyRecord,
  secret: Secret,
  cause: UpstreamTrace,
): Promise<VendOutcome> {
  const { intent } = row;
  const minted = moved(
    ports,
    intent,
    { state: { kind: 'minted', leaseUntil: intent.state.leaseUntil, key } },
    ports.ids.writeId(),
  );
  const result = await record(ports, row, minted, cause);
  const held = { key, secret, leaseUntil: intent.state.leaseUntil };
  if (result.kind === 'recorded') return storeOnce(ports, result.row, held);
  if (result.kind === 'unreachable' || result.row.etag === row.etag) return storeOnce(ports, row, held);
  if (undecided(result.row.intent, intent.attempt, key.id)) return giveUpKey(ports, result.row, key, OVERTAKEN, cause);
  return overtaken(ports, result.row, row, key);
}

async function overtaken(ports: SagaPorts, seen: LedgerRow, row: LedgerRow, key: KeyRecord): Promise<VendOutcome> {
  if (isCompensatingKey(seen, key)) await compensate(ports, seen);
  else await deleteUnstored(ports, row.intent, key);
  return failedWith(row.intent, OVERTAKEN);
}
