import { pendingEventOf } from '../events/pending.ts';
import { type Intent, type IntentState, type IntentStateKind, PARKED_AT } from '../intent.ts';
import { auditRecordOf } from '../model/audit.ts';
import type { UpstreamTrace } from '../model/upstream.ts';
import type { LedgerRow } from '../ports/ledger.ts';
import { announce } from './announce.ts';
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

/** What a step writes: the new state, and when the reconciler has to look again if that changes. */
export type Change = Pick<Intent, 'state'> & Partial<Pick<Intent, 'dueAt'>>;

/** How often a step that the row still permits is tried again after losing to another writer. */
const TRIES = 4;

/**
 * One compare-and-set of an intent on the row that it was made from. A lost or unanswered one is settled by reading the
 * row and looking for our `writeId`.
 *
 * @param cause the upstream answer that led to it, for the audit trail.
 */
export async function record(
  ports: SagaPorts,
  from: LedgerRow | undefined,
  intent: Intent,
  cause?: UpstreamTrace | undefined,
): Promise<Recorded> {
  const { ledger } = ports;
  const written = from === undefined ? await ledger.insert(intent) : await ledger.replace(intent, from.etag);
  if (written.kind === 'written') return audited(ports, from, written.row, cause);
  const read = await ledger.read(intent.id);
  if (read.kind !== 'found') return { kind: 'unreachable' };
  if (read.row.intent.writeId !== intent.writeId) return { kind: 'elsewhere', row: read.row };
  return audited(ports, from, read.row, cause);
}

/** One compare-and-set from a fresh read. @returns the row with our write in it; undefined where it is not there. */
export async function recordOnce(
  ports: SagaPorts,
  from: LedgerRow,
  change: Change,
  cause?: UpstreamTrace,
): Promise<LedgerRow | undefined> {
  const result = await record(ports, from, moved(ports, from.intent, change, ports.ids.writeId()), cause);
  return result.kind === 'recorded' ? result.row : undefined;
}

/** A change of state that may be tried again while `permits` holds for what others wrote. */
export interface Step {
  readonly change: Change;
  permits(intent: Intent): boolean;
  readonly cause?: UpstreamTrace | undefined;
}

export async function recordWhile(
  ports: SagaPorts,
  from: LedgerRow,
  { change: wanted, permits, cause }: Step,
): Promise<Recorded> {
  const writeId = ports.ids.writeId();
  let row = from;
  for (let tries = 0; tries < TRIES; tries++) {
    const parked = row.intent.dueAt === PARKED_AT;
    const change = parked ? await unpark(ports, row.intent, wanted) : wanted;
    if (change === undefined) return { kind: 'unreachable' };
    const result = await record(ports, row, moved(ports, row.intent, change, writeId), cause);
    if (parked && result.kind === 'recorded') await ports.ledger.clearDue(from.intent.id, new Date(PARKED_AT));
    if (result.kind !== 'elsewhere' || !permits(result.row.intent)) return result;
    row = result.row;
  }
  return { kind: 'unreachable' };
}

/** A row that an operator was to look at goes on after all: without a time to come due, nobody would finish it. */
async function unpark(
  { ledger, clock, timings }: SagaPorts,
  intent: Intent,
  wanted: Change,
): Promise<Change | undefined> {
  const dueAt = clock.now() + timings.settleMs;
  const noted = await ledger.noteDue({ intentId: intent.id, at: new Date(dueAt) });
  return noted.kind === 'noted' ? { dueAt, ...wanted } : undefined;
}

/** The intent after a change. A key that is left behind stays named in the row, and what is to be told of it waits there. */
export function moved({ events, clock }: SagaPorts, intent: Intent, change: Change, writeId: string): Intent {
  const { state: before } = intent;
  const left = keyLeftBehind(before, change.state.kind);
  const earlierKeys = left === undefined ? intent.earlierKeys : [...intent.earlierKeys, left];
  const after: Intent = { ...intent, ...change, writeId, earlierKeys };
  const pending = events === undefined ? undefined : pendingEventOf(before, after, clock.now());
  return pending === undefined ? after : { ...after, outbox: [...(intent.outbox ?? []), pending] };
}

function keyLeftBehind(before: IntentState, kind: IntentStateKind): string | undefined {
  if (before.kind === 'compensating' && kind === 'failed') return before.key.id;
  if (before.kind === 'revoking' && kind === 'revoked') return before.key.id;
  return before.kind === 'unknown' && kind === 'failed' ? before.keyId : undefined;
}

async function audited(
  ports: SagaPorts,
  from: LedgerRow | undefined,
  row: LedgerRow,
  cause: UpstreamTrace | undefined,
): Promise<Recorded> {
  const { actor, clock } = ports;
  ports.audit(auditRecordOf({ at: clock.now(), actor, before: from?.intent, after: row.intent, cause }));
  return { kind: 'recorded', row: await announce(ports, row) };
}
