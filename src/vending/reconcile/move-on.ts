import type { LedgerRow } from '../ports/ledger.ts';
import { isAnnounced } from '../saga/announce.ts';
import { compensate, isCompensating } from '../saga/compensate.ts';
import type { SagaPorts } from '../saga/ports.ts';
import { isRevoking, revokeKey } from '../saga/revoke-key.ts';
import { closeOrPrune, closeOrPruneRevoked } from './closed.ts';
import { endOverlap } from './overlap.ts';
import { parkUnknown } from './park.ts';
import { recoverMinted, recoverMinting } from './recover.ts';

/** @returns the row as it is now; undefined where nothing could be decided yet. */
export async function moveOn(ports: SagaPorts, row: LedgerRow): Promise<LedgerRow | 'removed' | undefined> {
  if (isCompensating(row)) return compensate(ports, row);
  if (isRevoking(row)) {
    const revocation = await revokeKey(ports, row);
    return revocation.kind === 'revoked' ? revocation.row : undefined;
  }
  const { state } = row.intent;
  switch (state.kind) {
    case 'minting':
      return recoverMinting(ports, row, state);
    case 'minted':
      return recoverMinted(ports, row, state);
    case 'failed':
      return closeOrPrune(ports, row, state);
    case 'superseded':
      return endOverlap(ports, row, state);
    case 'revoked':
      return closeOrPruneRevoked(ports, row, state);
    case 'unknown':
      return isAnnounced(ports, row) ? parkUnknown(ports, row) : undefined;
    default:
      return row;
  }
}
