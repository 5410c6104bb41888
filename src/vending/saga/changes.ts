import { eventsOf } from '../events/outgoing.ts';
import { auditRecordOf } from '../model/audit.ts';
import { type Credential, isSameAttempt, namedKeys, type Work } from '../model/credential.ts';
import { nextReview, openReason } from '../model/due.ts';
import { type Row, rowKey, rowOf } from '../model/rows.ts';
import type { Timings } from '../model/timings.ts';
import type { UpstreamTrace } from '../model/tracing.ts';
import type { TransitionName } from '../model/transitions.ts';
import type { RowChanges, Stored } from '../ports/ledger.ts';
import type { Recorded } from './outbox.ts';

/** One change of one credential that is to be committed. */
export interface PlannedChange {
  readonly change: TransitionName;
  readonly isBookkeeping: boolean;
  readonly from: Stored | undefined;
  readonly after: Credential;
  readonly at: number;
  readonly timings: Timings;
  readonly actor: string;
  readonly cause?: UpstreamTrace | undefined;
  /** SHA-256 of what a rotation asked for. */
  readonly requestHash?: string | undefined;
  /** True if there is a topic to publish events to. */
  readonly hasTopic: boolean;
}

export interface PlannedCommit {
  readonly commit: RowChanges;
  readonly recorded: Recorded;
}

/** Everything that is written together with a credential. All of it follows from the row before and the row after. */
export function commitOf(planned: PlannedChange): PlannedCommit {
  const { from, after } = planned;
  const before = from?.credential;
  const recorded = recordedBy(planned, before);
  return {
    commit: {
      credential:
        from === undefined ? { action: 'insert', value: after } : { action: 'replace', value: after, etag: from.etag },
      insert: [...nameClaimed(before, after), ...rotationClaimed(before, planned)],
      put: [
        ...indexRows(planned, before),
        ...keyRows(before, after),
        ...attemptRows(planned, before),
        ...recorded.rows,
      ],
      remove: removedRows(planned, before),
    },
    recorded,
  };
}

function recordedBy(
  planned: PlannedChange,
  before: Credential | undefined,
): Recorded & { readonly rows: readonly Row[] } {
  const { change, isBookkeeping, after, at, actor, cause, hasTopic } = planned;
  const { id, sequence } = after;
  const record = isBookkeeping ? [] : [auditRecordOf({ at, actor, change, before, after, cause })];
  const audit = record.map((each) => {
    const row = rowOf('audit', { id, at, sequence, part: 0, body: JSON.stringify(each) });
    return { key: row.key, record: each, row };
  });
  const events = (hasTopic ? eventsOf({ change, before, after, at }) : []).map((event, part) => {
    const row = rowOf('event', { id, at, sequence, part, body: JSON.stringify(event) });
    return { key: row.key, event, row };
  });
  return { audit, events, rows: [...audit, ...events].map(({ row }) => row) };
}

/** The date of the next review, and what waits for a person. */
function indexesOf(row: Credential, timings: Timings): readonly Row[] {
  const { id } = row;
  const next = nextReview(row, { timings });
  const open = openReason(row);
  return [
    ...(next === undefined ? [] : [rowOf(next.task === 'prune' ? 'prune' : 'due', { id, at: next.at })]),
    ...(open === undefined ? [] : [rowOf('open', { id, ...open })]),
  ];
}

/** The due row that goes with the credential; undefined where nothing will be due by itself. */
export const nextReviewRow = (row: Credential, timings: Timings): Row | undefined =>
  indexesOf(row, timings).find(({ kind }) => kind !== 'open');

/** A row that does not change is left out: the service refuses a row that stands in a transaction twice. */
function indexRows({ after, timings }: PlannedChange, before: Credential | undefined): readonly Row[] {
  const was = before === undefined ? [] : indexesOf(before, timings).map(({ key }) => key);
  const { id, caller, createdAt } = after;
  const isNew = before === undefined;
  return [
    ...indexesOf(after, timings).filter(({ key }) => !was.includes(key)),
    ...(isNew ? [rowOf('caller', { id, caller, createdAt })] : []),
  ];
}

function removedRows({ after, timings }: PlannedChange, before: Credential | undefined): readonly string[] {
  if (before === undefined) return [];
  const now = indexesOf(after, timings).map(({ key }) => key);
  const left = indexesOf(before, timings)
    .map(({ key }) => key)
    .filter((key) => !now.includes(key));
  const { work } = before;
  const hasFailedRotation = work?.rotation !== undefined && endOf(work, after) === 'failed';
  return [
    ...left,
    ...(before.holdsName && !after.holdsName ? [rowOf('name', nameOf(before)).key] : []),
    // A rotation that failed can be asked for again under the same idempotency key.
    ...(hasFailedRotation && work.rotation ? [rowKey('rotation', before.id, work.rotation.requestKey)] : []),
  ];
}

const nameOf = ({ id, vaultUrl, secretName }: Credential) => ({ id, vaultUrl, secretName });

const nameClaimed = (before: Credential | undefined, after: Credential): readonly Row[] =>
  after.holdsName && !before?.holdsName ? [rowOf('name', nameOf(after))] : [];

function rotationClaimed(before: Credential | undefined, { after, requestHash }: PlannedChange): readonly Row[] {
  const { id, work } = after;
  if (work?.rotation === undefined || requestHash === undefined || before?.work !== undefined) return [];
  const { requestKey } = work.rotation;
  const { attempt, nonce } = work;
  return [rowOf('rotation', { id, requestKey, attempt, nonce, requestHash })];
}

function keyRows(before: Credential | undefined, after: Credential): readonly Row[] {
  const known = before === undefined ? [] : namedKeys(before);
  return namedKeys(after)
    .filter((apiKeyId) => !known.includes(apiKeyId))
    .map((apiKeyId) => rowOf('key', { apiKeyId, id: after.id, attempt: attemptOf(after, apiKeyId) }));
}

function attemptOf({ current, previous, work, attempts }: Credential, apiKeyId: string): number {
  if (current?.key.id === apiKeyId) return current.attempt;
  return (previous?.keyId === apiKeyId ? previous.attempt : work?.attempt) ?? attempts;
}

/** The end of an attempt that is not under way any more. */
function endOf(work: Work, after: Credential): 'open' | 'vended' | 'failed' {
  if (after.work !== undefined && isSameAttempt(after.work, work)) return 'open';
  return after.current !== undefined && isSameAttempt(after.current, work) ? 'vended' : 'failed';
}

/** Written when the attempt begins and when it ends. */
function attemptRows({ after, at }: PlannedChange, before: Credential | undefined): readonly Row[] {
  const began = after.work !== undefined && (before?.work === undefined || !isSameAttempt(before.work, after.work));
  const ended = before?.work === undefined || endOf(before.work, after) === 'open' ? undefined : before.work;
  return [
    ...(began && after.work ? [attemptRow(after.id, after.work, 'open')] : []),
    ...(ended === undefined ? [] : [attemptRow(after.id, ended, endOf(ended, after), after, at)]),
    ...(before === undefined && after.work === undefined ? recoveredAttempts(after) : []),
  ];
}

/** A recovery inserts a row with keys. What their attempts were is known from the vault alone. */
const recoveredAttempts = ({ id, current, previous }: Credential): readonly Row[] =>
  [
    ...(current === undefined ? [] : [{ ...current, apiKeyId: current.key.id }]),
    ...(previous === undefined ? [] : [{ ...previous, apiKeyId: previous.keyId }]),
  ].map(({ attempt, nonce, vendedAt, apiKeyId, secret }) => {
    const purpose = attempt === 1 ? 'vend' : 'rotate';
    const ended = { claimedAt: vendedAt, outcome: 'vended', endedAt: vendedAt, secretVersion: secret.version } as const;
    return rowOf('attempt', { id, attempt, nonce, purpose, apiKeyId, ...ended });
  });

function attemptRow(
  id: string,
  work: Work,
  outcome: 'open' | 'vended' | 'failed',
  after?: Credential,
  endedAt?: number,
): Row {
  const { attempt, nonce, purpose, claimedAt } = work;
  const isVended = outcome === 'vended';
  const apiKeyId = isVended ? after?.current?.key.id : work.keyId;
  const secretVersion = isVended ? after?.current?.secret.version : work.secret?.version;
  const problem = outcome === 'failed' ? after?.failure?.problem.type : undefined;
  return rowOf('attempt', {
    id,
    attempt,
    nonce,
    purpose,
    claimedAt,
    outcome,
    ...(endedAt !== undefined && { endedAt }),
    ...(apiKeyId !== undefined && { apiKeyId }),
    ...(secretVersion !== undefined && { secretVersion }),
    ...(problem !== undefined && { problem }),
  });
}
