import { PARKED_AT } from '../intent.ts';
import type { LedgerRow } from '../ports/ledger.ts';
import type { SagaPorts } from '../saga/ports.ts';
import { recordOnce } from '../saga/record.ts';

/** Leaves it to an operator: a heap of unknown intents must not fill the reconciler's batch. */
export async function parkUnknown(ports: SagaPorts, row: LedgerRow): Promise<LedgerRow | undefined> {
  const { id: intentId, state } = row.intent;
  if ((await ports.ledger.noteDue({ intentId, at: new Date(PARKED_AT) })).kind !== 'noted') return undefined;
  return recordOnce(ports, row, { state, dueAt: PARKED_AT });
}
