import { type Credential, isIdle } from './credential.ts';
import { DAY_MS, type Moment } from './timings.ts';

/** A task that a review may have. */
export type Task =
  | 'recover'
  | 'compensate'
  | 'revoke'
  | 'end-overlap'
  | 'note-expiry'
  | 'ask-rotation'
  | 'sweep'
  | 'prune';

export interface DueDate {
  readonly task: Task;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** When a rotation is asked for again that did not come: its messages have had their retries by then. */
export const ASK_AGAIN_MS = DAY_MS;
/** Readers have no secret: the next rotation is asked for again soon. */
const ASK_URGENTLY_AGAIN_MS = 15 * 60_000;
/** The worker that records a key to delete begins at once. A review comes after that. */
const GRACE_PERIOD_MS = 30_000;

/** Everything that has a date in the row. Every date that was acted on leaves the row, so none comes twice. */
const datesOf = (row: Credential, at: Pick<Moment, 'timings'>): readonly DueDate[] =>
  ownDatesOf(row, at).map((date) => delayed(row, date));

const ownDatesOf = (row: Credential, { timings }: Pick<Moment, 'timings'>): readonly DueDate[] => [
  ...datesOfWork(row, timings),
  ...datesOfKeys(row),
  ...datesOfEnd(row, timings),
];

function* datesOfWork({ work }: Credential, { settleMs }: Moment['timings']): Generator<DueDate> {
  switch (work?.phase) {
    case 'minting':
    case 'minted':
      yield { task: 'recover', at: work.leaseUntil + settleMs };
      break;
    case 'compensating':
      yield { task: 'compensate', at: work.since + GRACE_PERIOD_MS };
      break;
    case 'unknown':
    case undefined:
      break;
  }
}

function* datesOfKeys(row: Credential): Generator<DueDate> {
  const { current, previous, work, failure, revocation } = row;
  if (revocation !== undefined) return;
  if (previous !== undefined) yield { task: 'end-overlap', at: previous.revokeAt };
  if (current === undefined) return;
  const { expiresOn, expiryNotedAt, rotateAt, rotationAskedAt } = current;
  if (expiresOn !== undefined && expiryNotedAt === undefined) yield { task: 'note-expiry', at: expiresOn };
  // No rotation can come beside an attempt, open or unknown, nor beside a previous key: there are two keys at most.
  if (work !== undefined || previous !== undefined) return;
  const [first, pause] = failure?.urgent === true ? [failure.retryAt, ASK_URGENTLY_AGAIN_MS] : [rotateAt, ASK_AGAIN_MS];
  if (first === undefined) return;
  const again = rotationAskedAt === undefined ? first : rotationAskedAt + pause;
  yield { task: 'ask-rotation', at: Math.max(first, again) };
}

function* datesOfEnd(row: Credential, timings: Moment['timings']): Generator<DueDate> {
  const { revocation, closed, failure, sweepAt, work, createdAt } = row;
  if (sweepAt !== undefined) yield { task: 'sweep', at: sweepAt };
  if (revocation !== undefined && closed === undefined && hasSomethingToRevoke(row, work))
    yield { task: 'revoke', at: revocation.since + GRACE_PERIOD_MS };
  if (!isIdle(row) || (revocation !== undefined && closed === undefined)) return;
  const since = closed?.since ?? failure?.since ?? createdAt;
  yield { task: 'prune', at: Math.max(since + timings.retentionMs, sweepAt ?? 0) };
}

/** With an attempt under way and no key left, the revocation waits for the attempt. */
const hasSomethingToRevoke = ({ current, previous }: Credential, work: Credential['work']): boolean =>
  current !== undefined || previous !== undefined || work === undefined;

/** A review that decided nothing delays what was due when it looked, and no date that came since. */
const delayed = ({ retry }: Credential, date: DueDate): DueDate =>
  retry !== undefined && date.at <= retry.lookedAt ? { ...date, at: retry.nextAt } : date;

/** Something is left that such a review delayed. */
export const isDelayed = (row: Credential, at: Pick<Moment, 'timings'>): boolean =>
  ownDatesOf(row, at).some((date) => row.retry !== undefined && date.at <= row.retry.lookedAt);

/** The tasks of now, in the order in which they fell due. */
export const dueTasks = (row: Credential, at: Moment): readonly Task[] =>
  datesOf(row, at)
    .filter((date) => date.at <= at.now)
    .toSorted((a, b) => a.at - b.at)
    .map(({ task }) => task);

/** The date of the credential's due row; undefined where nothing will ever be due by itself. */
export function nextReview(row: Credential, at: Pick<Moment, 'timings'>): DueDate | undefined {
  return datesOf(row, at).reduce<DueDate | undefined>(
    (first, date) => (first === undefined || date.at < first.at ? date : first),
    undefined,
  );
}

/** Why a credential waits for a person. */
export type OpenReason = 'unknown' | 'undecided' | 'rotation-suspended';

/** A review that decided nothing for this long is shown to operators. */
export const UNDECIDED_AFTER_MS = 10 * 60_000;

export function openReason(row: Credential): { readonly reason: OpenReason; readonly since: number } | undefined {
  const { work, retry, current } = row;
  if (work?.phase === 'unknown') return { reason: 'unknown', since: work.since };
  if (retry !== undefined && retry.lookedAt - retry.since >= UNDECIDED_AFTER_MS)
    return { reason: 'undecided', since: retry.since };
  if (current?.rotationSuspended === true)
    return { reason: 'rotation-suspended', since: current.rotateAt ?? current.vendedAt };
  return undefined;
}
