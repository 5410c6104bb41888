import type { VendedIntent } from './outcome.ts';
import { isVended } from './outcome.ts';
import type { SagaPorts } from './ports.ts';
import { recordOnce } from './record.ts';

/**
 * Marks the key that this vended rotation took the place of: from now on its overlap runs.
 *
 * The due row of the rotation must stay until this is done, or nobody would ever revoke the old key.
 *
 * @returns false where that is not known to be done.
 */
export async function supersedeOld(ports: SagaPorts, successor: VendedIntent): Promise<boolean> {
  if (successor.supersedes === undefined) return true;
  const { intentId, overlapMs } = successor.supersedes;
  const read = await ports.ledger.read(intentId);
  if (read.kind === 'unreachable') return false;
  if (read.kind === 'absent' || !isVended(read.row.intent)) return true;
  const { row } = read;
  const { key, secret } = read.row.intent.state;
  const revokeAt = ports.clock.now() + overlapMs;
  if ((await ports.ledger.noteDue({ intentId, at: new Date(revokeAt) })).kind !== 'noted') return false;
  const state = { kind: 'superseded', key, secret, successor: successor.id, revokeAt } as const;
  return (await recordOnce(ports, row, { state, dueAt: revokeAt })) !== undefined;
}
