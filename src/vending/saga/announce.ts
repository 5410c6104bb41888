import { pendingEventToTell } from '../events/pending.ts';
import type { IntentStateKind } from '../intent.ts';
import type { LedgerRow } from '../ports/ledger.ts';
import type { SagaPorts } from './ports.ts';

/** Whether there is nobody, or nothing, to tell any more. */
export const isAnnounced = ({ events }: SagaPorts, { intent }: LedgerRow): boolean =>
  events === undefined || (intent.outbox ?? []).length === 0;

/**
 * Telling writes the row. A worker would be overtaken by that, even by itself where the answer is lost, and give a good key
 * up; and a key that has to go does not wait for a topic.
 */
const WORKED_ON: readonly IntentStateKind[] = ['minting', 'minted', 'compensating', 'revoking'];

/** Whether there is something to tell, and now is the time. */
export const isToBeTold = (ports: SagaPorts, row: LedgerRow): boolean =>
  !isAnnounced(ports, row) && !WORKED_ON.includes(row.intent.state.kind);

/**
 * Tells the events that the row has recorded, and strikes out those that were taken. What is left stays in the row, and
 * its due row stays with it, so nothing is lost; what was told and could not be struck out is told again.
 *
 * The write keeps the row's `writeId`: it is the same state, and whoever looks for its own write must find it.
 *
 * @returns the row as it is now, as far as is known.
 */
export async function announce(ports: SagaPorts, row: LedgerRow): Promise<LedgerRow> {
  const { events, ledger, log } = ports;
  const { outbox = [], ...intent } = row.intent;
  const [next, ...rest] = outbox;
  if (events === undefined || next === undefined || !isToBeTold(ports, row)) return row;
  const told = await events.publish(pendingEventToTell(row.intent, next));
  if (told.kind === 'not-published') {
    log({ level: 'warn', event: 'event-not-published', requestId: intent.id, upstream: told.upstream });
    return row;
  }
  const struck = await ledger.replace(rest.length === 0 ? intent : { ...intent, outbox: rest }, row.etag);
  return struck.kind === 'written' ? announce(ports, struck.row) : row;
}
