import type { Intent, IntentState } from '../intent.ts';
import type { LedgerRow } from '../ports/ledger.ts';
import type { SagaPorts } from './ports.ts';

/**
 * What became of a compare-and-set.
 *
 * `elsewhere`: the row, read again, does not carry our write. If it is the row that we started from, our write may
 * still land: one unchanged read proves nothing.
 */
export type Recorded =
  | { readonly kind: 'recorded'; readonly row: LedgerRow }
  | { readonly kind: 'elsewhere'; readonly row: LedgerRow }
  | { readonly kind: 'unreachable' };

/** How often a step that the row still permits is tried again after losing to another writer. */
const TRIES = 4;

/** One compare-and-set. A lost or unanswered one is settled by reading the row and looking for our `writeId`. */
export async function record(ports: SagaPorts, intent: Intent, etag: string | undefined): Promise<Recorded> {
  const written = etag === undefined ? await ports.ledger.insert(intent) : await ports.ledger.replace(intent, etag);
  if (written.kind === 'written') return logged(ports, { kind: 'recorded', row: written.row });
  const read = await ports.ledger.read(intent.id);
  if (read.kind !== 'found') return { kind: 'unreachable' };
  if (read.row.intent.writeId !== intent.writeId) return { kind: 'elsewhere', row: read.row };
  return logged(ports, { kind: 'recorded', row: read.row });
}

/** Moves the row to the state that `next` makes of it, again and again while `permits` holds for what others wrote. */
export async function recordWhile(
  ports: SagaPorts,
  from: LedgerRow,
  next: (intent: Intent) => IntentState,
  permits: (intent: Intent) => boolean,
): Promise<Recorded> {
  const writeId = ports.ids.writeId();
  let row = from;
  for (let tries = 0; tries < TRIES; tries++) {
    const result = await record(ports, moved(row.intent, next(row.intent), writeId), row.etag);
    if (result.kind !== 'elsewhere' || !permits(result.row.intent)) return result;
    row = result.row;
  }
  return { kind: 'unreachable' };
}

/** The intent in a new state. A key that is left behind stays named in the row. */
export function moved(intent: Intent, state: IntentState, writeId: string): Intent {
  const { state: before } = intent;
  const leftBehind = before.kind === 'compensating' && state.kind === 'failed' ? [before.key.id] : [];
  return { ...intent, state, writeId, earlierKeys: [...intent.earlierKeys, ...leftBehind] };
}

function logged(ports: SagaPorts, recorded: { readonly kind: 'recorded'; readonly row: LedgerRow }): Recorded {
  const { id, attempt, state, caller } = recorded.row.intent;
  ports.log({ level: 'info', event: 'intent-recorded', requestId: id, attempt, caller, state: state.kind });
  return recorded;
}
