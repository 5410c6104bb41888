import { markerOf } from '../idempotency.ts';
import type { Intent, IntentState } from '../intent.ts';
import type { KeyRecord } from '../key-record.ts';
import type { LedgerRow } from '../ports/ledger.ts';
import type { Problem } from '../problems.ts';
import { compensate, compensating, isCompensating } from '../saga/compensate.ts';
import { problemOf } from '../saga/outcome.ts';
import type { SagaPorts } from '../saga/ports.ts';
import { recordOnce } from '../saga/record.ts';

export interface ResolveCommand {
  readonly intentId: string;
  /** The orphan that the operator found in Confluent, or null: looked, and there is none. */
  readonly apiKeyId: string | null;
}

export type ResolveOutcome =
  | { readonly kind: 'resolved'; readonly intent: Intent }
  | { readonly kind: 'refused'; readonly problem: Problem };

type Unknown = Extract<IntentState, { kind: 'unknown' }>;
type UnknownRow = LedgerRow & { readonly intent: Intent & { readonly state: Unknown } };

/**
 * Closes an intent of which it is unknown whether a key lives. The operator's word is checked as far as it can be:
 * the key must carry this attempt's marker, and "none" is refused where the vault or Confluent shows one.
 */
export async function resolveUnknown(
  ports: SagaPorts,
  { intentId, apiKeyId }: ResolveCommand,
): Promise<ResolveOutcome> {
  const read = await ports.ledger.read(intentId);
  if (read.kind === 'unreachable') return refuse(LEDGER_SILENT);
  if (read.kind === 'absent') return refuse(NOT_FOUND);
  const { row } = read;
  if (!isUnknown(row)) return refuse(NOT_UNKNOWN);
  const wait = row.intent.state.leaseUntil + ports.timings.settleMs - ports.clock.now();
  if (wait > 0) return refuse({ ...TOO_EARLY, retryAfterMs: wait });
  return apiKeyId === null ? closeWithoutKey(ports, row) : deleteOrphan(ports, row, apiKeyId);
}

async function deleteOrphan(ports: SagaPorts, row: UnknownRow, apiKeyId: string): Promise<ResolveOutcome> {
  const looked = await ports.confluent.getKey(row.intent.target, apiKeyId);
  if (looked.kind === 'absent') return refuse(NO_SUCH_KEY);
  if (looked.kind !== 'found') return refuse(CONFLUENT_SILENT);
  if (!carriesMarker(looked.key, row.intent)) return refuse(NOT_THIS_INTENTS);
  return recordAndCompensate(ports, row, looked.key);
}

/** The marker names one attempt of one intent, and this row says of that attempt that nothing was vended: no row has the key. */
const carriesMarker = (key: KeyRecord, intent: Intent): boolean =>
  key.spec.description?.split(' ').at(-1) === markerOf(intent.id, intent.attempt);

async function recordAndCompensate(ports: SagaPorts, row: UnknownRow, key: KeyRecord): Promise<ResolveOutcome> {
  const { id: intentId } = row.intent;
  const dueAt = ports.clock.now();
  if ((await ports.ledger.noteDue({ intentId, at: new Date(dueAt) })).kind !== 'noted') return refuse(LEDGER_SILENT);
  const recorded = await recordOnce(ports, row, { state: compensating(ports, key, ORPHAN_DELETED), dueAt });
  if (recorded === undefined || !isCompensating(recorded)) return refuse(LEDGER_SILENT);
  await ports.ledger.clearDue(intentId, new Date(row.intent.dueAt));
  const closed = await compensate(ports, recorded);
  return { kind: 'resolved', intent: (closed ?? recorded).intent };
}

async function closeWithoutKey(ports: SagaPorts, row: UnknownRow): Promise<ResolveOutcome> {
  const { id: intentId, attempt, vaultUrl, secretName: name, state, target } = row.intent;
  const found = await ports.vault.findVersions({ vaultUrl, name, intentId, attempt });
  if (found.kind === 'unavailable') return refuse(VAULT_SILENT);
  if (found.versions.length > 0) return refuse(STORED);
  if (state.keyId !== undefined) {
    const looked = await ports.confluent.getKey(target, state.keyId);
    if (looked.kind !== 'absent') return refuse(looked.kind === 'found' ? STILL_THERE : CONFLUENT_SILENT);
  }
  const now = ports.clock.now();
  if ((await ports.ledger.noteDue({ intentId, at: new Date(now) })).kind !== 'noted') return refuse(LEDGER_SILENT);
  const closed = { kind: 'failed', retryAt: now, since: now, problem: NONE_FOUND } as const;
  const recorded = await recordOnce(ports, row, { state: closed, dueAt: now });
  if (recorded === undefined) return refuse(LEDGER_SILENT);
  await ports.ledger.clearDue(intentId, new Date(row.intent.dueAt));
  return { kind: 'resolved', intent: recorded.intent };
}

const isUnknown = (row: LedgerRow): row is UnknownRow => row.intent.state.kind === 'unknown';

const refuse = (problem: Problem): ResolveOutcome => ({ kind: 'refused', problem });

const NOT_FOUND = problemOf('not-found', 'There is no request with this id.');
const LEDGER_SILENT = problemOf(
  'ledger-unavailable',
  'The ledger did not answer, or the row changed; read it and try again.',
);
const VAULT_SILENT = problemOf(
  'vault-unavailable',
  'The vault did not answer, so "none" cannot be checked; try again.',
);
const CONFLUENT_SILENT = problemOf('upstream-unreachable', 'Confluent did not say whether the key lives; try again.');
const NOT_UNKNOWN = problemOf('not-resolvable', 'Only a request in state "unknown" needs to be resolved.');
const TOO_EARLY = problemOf('not-resolvable', 'The request may still be under way; nothing can be decided yet.');
const NO_SUCH_KEY = problemOf(
  'not-resolvable',
  'Confluent has no key with this id; if there is none at all, resolve with null.',
);
const NOT_THIS_INTENTS = problemOf(
  'not-resolvable',
  "The key's description does not end in the marker of this request.",
);
const STORED = problemOf(
  'not-resolvable',
  'The vault holds a version that this attempt stored, so there is a key; name it.',
);
const STILL_THERE = problemOf(
  'not-resolvable',
  'The key that the ledger names is alive; delete it in Confluent, or name it.',
);
const ORPHAN_DELETED = problemOf('outcome-unknown', 'An operator found the key of this attempt; it is being deleted.');
const NONE_FOUND = problemOf('outcome-unknown', 'An operator looked in Confluent and found no key of this attempt.');
