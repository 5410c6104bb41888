import type { Intent } from '../intent.ts';
import type { LedgerRow } from '../ports/ledger.ts';
import { disableVersions } from './compensate.ts';
import { deleteWithProof, PROPAGATION_MS } from './delete-key.ts';
import { isRevoked, type RevokedIntent } from './outcome.ts';
import type { SagaPorts } from './ports.ts';
import { recordOnce } from './record.ts';

type Revoking = Extract<Intent['state'], { kind: 'revoking' }>;
export type RevokingRow = LedgerRow & { readonly intent: Intent & { readonly state: Revoking } };

export const isRevoking = (row: LedgerRow): row is RevokingRow => row.intent.state.kind === 'revoking';

/** How long a refused DELETE is left alone: somebody has to give this service its right back first. */
const REFUSED_PAUSE_MS = 3_600_000;

/** `refused`: Confluent does not let this service delete the key. `open`: not proven yet. The reconciler goes on with both. */
export type Revocation =
  | { readonly kind: 'revoked'; readonly row: LedgerRow; readonly intent: RevokedIntent }
  | { readonly kind: 'open' | 'refused' };

/**
 * Takes the secret out of force, deletes the key, and closes the intent. Every step may be repeated.
 *
 * The secret goes first, so that nobody reads one whose key is dead; but a silent vault does not save the key. What the
 * vault then still holds, or took in meanwhile, goes out of force before the row says revoked.
 */
export async function revokeKey(ports: SagaPorts, row: RevokingRow): Promise<Revocation> {
  const { target, state } = row.intent;
  await disableVersions(ports, row.intent);
  const fate = await deleteWithProof(ports, { target, keyId: state.key.id, propagatedAt: propagatedAt(state) });
  if (fate === 'alive') return putOff(ports, row);
  if (fate === 'unproven' || !(await disableVersions(ports, row.intent))) return { kind: 'open' };
  return close(ports, row);
}

/** An old key is known everywhere; of one whose age is not known, or that is young, that is waited for. */
function propagatedAt({ key, since }: Revoking): number {
  const created = Date.parse(key.metadata.createdTimestamp ?? '');
  return (Number.isNaN(created) ? since : Math.min(created, since)) + PROPAGATION_MS;
}

async function putOff(ports: SagaPorts, row: RevokingRow): Promise<Revocation> {
  const { id: intentId, state } = row.intent;
  ports.log({ level: 'error', event: 'revocation-refused', requestId: intentId, apiKeyId: state.key.id });
  const dueAt = ports.clock.now() + REFUSED_PAUSE_MS;
  if ((await ports.ledger.noteDue({ intentId, at: new Date(dueAt) })).kind === 'noted') {
    const moved = await recordOnce(ports, row, { state, dueAt });
    if (moved !== undefined) await ports.ledger.clearDue(intentId, new Date(row.intent.dueAt));
  }
  return { kind: 'refused' };
}

async function close(ports: SagaPorts, row: RevokingRow): Promise<Revocation> {
  const { clock, ledger, timings } = ports;
  const { id: intentId, dueAt, state } = row.intent;
  const since = clock.now();
  // A second try of the store may still be under way where the key was vended a moment ago.
  const sweepAt = since + timings.leaseMs + timings.settleMs;
  if ((await ledger.noteDue({ intentId, at: new Date(sweepAt) })).kind !== 'noted') return { kind: 'open' };
  const { secret, successor } = state;
  const revoked = {
    kind: 'revoked',
    secret,
    since,
    sweepAt,
    ...(successor === undefined ? {} : { successor }),
  } as const;
  const closed = await recordOnce(ports, row, { state: revoked, dueAt: sweepAt });
  if (closed === undefined || !isRevoked(closed.intent)) return { kind: 'open' };
  await ledger.clearDue(intentId, new Date(dueAt));
  return { kind: 'revoked', row: closed, intent: closed.intent };
}
