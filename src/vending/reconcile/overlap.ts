import type { IntentState } from '../intent.ts';
import type { LedgerRow } from '../ports/ledger.ts';
import type { SagaPorts } from '../saga/ports.ts';
import { recordOnce } from '../saga/record.ts';
import { isRevoking, revokeKey } from '../saga/revoke-key.ts';

/** Everybody had time to take up the successor's secret: the old key goes. */
export async function endOverlap(
  ports: SagaPorts,
  row: LedgerRow,
  { key, secret, successor }: Extract<IntentState, { kind: 'superseded' }>,
): Promise<LedgerRow | undefined> {
  const since = ports.clock.now();
  const revoking = await recordOnce(ports, row, { state: { kind: 'revoking', key, secret, successor, since } });
  if (revoking === undefined || !isRevoking(revoking)) return undefined;
  const revocation = await revokeKey(ports, revoking);
  return revocation.kind === 'revoked' ? revocation.row : undefined;
}
