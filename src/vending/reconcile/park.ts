import type { LedgerRow } from '../ports/ledger.ts';
import type { SagaPorts } from '../saga/ports.ts';
import { recordOnce } from '../saga/record.ts';

/** Never due: for an operator to see, out of the reconciler's way, so that a heap of unknowns cannot fill its batch. */
export const PARKED_AT = Date.parse('9999-12-31T00:00:00Z');

export async function parkUnknown(ports: SagaPorts, row: LedgerRow): Promise<LedgerRow | undefined> {
  const { id: intentId, state } = row.intent;
  if ((await ports.ledger.noteDue({ intentId, at: new Date(PARKED_AT) })).kind !== 'noted') return undefined;
  return recordOnce(ports, row, { state, dueAt: PARKED_AT });
}
