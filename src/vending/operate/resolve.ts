import { type PreviewOutcome, previewOf } from '../answers/preview.ts';
import type { Intent, IntentState } from '../intent.ts';
import { markerOf } from '../model/idempotency.ts';
import type { KeyRecord } from '../model/key-record.ts';
import type { Problem } from '../model/problems.ts';
import type { LedgerRow } from '../ports/ledger.ts';
import type { TaggedVersion } from '../ports/secret-vault.ts';
import { compensate, compensating, disableVersions, isCompensating } from '../saga/compensate.ts';
import { problemOf } from '../saga/outcome.ts';
import type { SagaPorts } from '../saga/ports.ts';
import { recordOnce } from '../saga/record.ts';
import { releaseChosenName } from '../saga/release-name.ts';
import { TAG_KEY } from '../secret/tags.ts';

export interface ResolveCommand {
  readonly intentId: string;
  /** The orphan that the operator found in Confluent, or null: looked, and there is none. */
  readonly apiKeyId: string | null;
  /** Only says what would be done. */
  readonly validateOnly?: boolean | undefined;
}

export type ResolveOutcome =
  | { readonly kind: 'resolved'; readonly intent: Intent }
  | Extract<PreviewOutcome, { kind: 'previewed' }>
  | { readonly kind: 'refused'; readonly problem: Problem };

type Unknown = Extract<IntentState, { kind: 'unknown' }>;
type UnknownRow = LedgerRow & { readonly intent: Intent & { readonly state: Unknown } };

/**
 * Closes an intent of which it is unknown whether a key lives. The operator's word is checked as far as it can be:
 * the key must carry this attempt's marker, and "none" is refused while a key that ledger or vault name lives.
 */
export async function resolveUnknown(ports: SagaPorts, command: ResolveCommand): Promise<ResolveOutcome> {
  for (let tries = 0; tries < TRIES; tries++) {
    const outcome = await resolveOnce(ports, command);
    if (outcome !== 'overtaken') return outcome;
  }
  return refuse(LEDGER_SILENT);
}

/** The reconciler puts the same row aside for the operator while it is being resolved: that is no reason to refuse. */
const TRIES = 3;

async function resolveOnce(
  ports: SagaPorts,
  { intentId, apiKeyId, validateOnly = false }: ResolveCommand,
): Promise<ResolveOutcome | 'overtaken'> {
  const read = await ports.ledger.read(intentId);
  if (read.kind === 'unreachable') return refuse(LEDGER_SILENT);
  if (read.kind === 'absent') return refuse(NOT_FOUND);
  const { row } = read;
  if (!isUnknown(row)) return refuse(NOT_UNKNOWN);
  const wait = row.intent.state.leaseUntil + ports.timings.settleMs - ports.clock.now();
  if (wait > 0) return refuse({ ...TOO_EARLY, retryAfterMs: wait });
  return apiKeyId === null
    ? closeWithoutKey(ports, row, validateOnly)
    : deleteOrphan(ports, row, apiKeyId, validateOnly);
}

async function deleteOrphan(
  ports: SagaPorts,
  row: UnknownRow,
  apiKeyId: string,
  validateOnly: boolean,
): Promise<ResolveOutcome | 'overtaken'> {
  const looked = await ports.confluent.getKey(row.intent.target, apiKeyId);
  if (looked.kind === 'absent') return refuse(NO_SUCH_KEY);
  if (looked.kind !== 'found') return refuse(CONFLUENT_SILENT);
  if (!carriesMarker(looked.key, row.intent)) return refuse(NOT_THIS_INTENTS);
  if (validateOnly) return previewOf('resolve', 'revoke', row.intent);
  return recordAndCompensate(ports, row, looked.key);
}

/** The marker names one attempt of one intent, and this row says of that attempt that nothing was vended: no row has the key. */
const carriesMarker = (key: KeyRecord, intent: Intent): boolean =>
  key.spec.description?.split(' ').at(-1) === markerOf(intent.id, intent.attempt);

async function recordAndCompensate(
  ports: SagaPorts,
  row: UnknownRow,
  key: KeyRecord,
): Promise<ResolveOutcome | 'overtaken'> {
  const { id: intentId } = row.intent;
  // The reconciler is for whoever dies here; due at once, it would only get in the way of the operator's own answer.
  const dueAt = ports.clock.now() + ports.timings.settleMs;
  if ((await ports.ledger.noteDue({ intentId, at: new Date(dueAt) })).kind !== 'noted') return refuse(LEDGER_SILENT);
  const recorded = await recordOnce(ports, row, { state: compensating(ports, key, ORPHAN_DELETED), dueAt });
  if (recorded === undefined || !isCompensating(recorded)) return 'overtaken';
  await ports.ledger.clearDue(intentId, new Date(row.intent.dueAt));
  const closed = await compensate(ports, recorded);
  return { kind: 'resolved', intent: (closed ?? recorded).intent };
}

async function closeWithoutKey(
  ports: SagaPorts,
  row: UnknownRow,
  validateOnly: boolean,
): Promise<ResolveOutcome | 'overtaken'> {
  const { id: intentId, attempt, vaultUrl, secretName: name } = row.intent;
  const found = await ports.vault.findVersions({ vaultUrl, name, intentId, attempt });
  if (found.kind === 'unavailable') return refuse(VAULT_SILENT);
  const objection = await anyKeyLives(ports, row, found.versions);
  if (objection !== undefined) return refuse(objection);
  if (validateOnly) return previewOf('resolve', 'close', row.intent);
  // Their key was deleted in Confluent by somebody else: nobody may read a dead secret as if it were in force.
  if (!(await disableVersions(ports, row.intent))) return refuse(VAULT_SILENT);
  const now = ports.clock.now();
  const sweepAt = now + ports.timings.settleMs;
  if ((await ports.ledger.noteDue({ intentId, at: new Date(sweepAt) })).kind !== 'noted') return refuse(LEDGER_SILENT);
  const closed = { kind: 'failed', retryAt: now, since: now, problem: NONE_FOUND, sweepAt } as const;
  const recorded = await recordOnce(ports, row, { state: closed, dueAt: sweepAt });
  if (recorded === undefined) return 'overtaken';
  await ports.ledger.clearDue(intentId, new Date(row.intent.dueAt));
  await releaseChosenName(ports, recorded);
  return { kind: 'resolved', intent: recorded.intent };
}

/** Every key that ledger and vault name for this attempt must be proven gone before "none" is believed. */
async function anyKeyLives(
  { confluent }: SagaPorts,
  { intent: { state, target } }: UnknownRow,
  versions: readonly TaggedVersion[],
): Promise<Problem | undefined> {
  const keyIds = new Set([
    ...(state.keyId === undefined ? [] : [state.keyId]),
    ...versions.map(({ tags }) => tags[TAG_KEY]),
  ]);
  for (const keyId of keyIds) {
    if (keyId === undefined) return UNNAMED;
    const looked = await confluent.getKey(target, keyId);
    if (looked.kind !== 'absent') return looked.kind === 'found' ? stillThere(keyId) : CONFLUENT_SILENT;
  }
  return undefined;
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
const UNNAMED = problemOf(
  'not-resolvable',
  'The vault holds a version of this attempt that does not say which key it is for; name the key.',
);
const stillThere = (keyId: string): Problem =>
  problemOf('not-resolvable', `The key ${keyId} of this attempt is alive; name it.`);
const ORPHAN_DELETED = problemOf('outcome-unknown', 'An operator found the key of this attempt; it is being deleted.');
const NONE_FOUND = problemOf('outcome-unknown', 'An operator looked in Confluent and found no key of this attempt.');
