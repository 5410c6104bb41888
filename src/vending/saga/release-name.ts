import type { LedgerRow, NameClaim, NoteOutcome } from '../ports/ledger.ts';
import { isOwnSecretName } from '../secret/naming.ts';
import type { SagaPorts } from './ports.ts';

/** Releases a name for good, unless the row has moved on since it was read: it may have claimed the name again. */
export function releaseName(
  { ledger }: Pick<SagaPorts, 'ledger'>,
  claim: NameClaim,
  { intent: { id }, etag }: LedgerRow,
): Promise<NoteOutcome> {
  return ledger.releaseName(claim, id, async () => {
    const read = await ledger.read(id);
    return read.kind === 'found' && read.row.etag === etag;
  });
}

/** The corrected request is another request, and may want the same name. */
export async function releaseChosenName(ports: Pick<SagaPorts, 'ledger'>, row: LedgerRow): Promise<void> {
  const { vaultUrl, secretName } = row.intent;
  if (!isOwnSecretName(secretName)) await releaseName(ports, { vaultUrl, secretName }, row);
}
