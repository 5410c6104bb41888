/** How an attempt ended. A number is the status that the destination answered. */
export type AttemptOutcome = { readonly kind: 'delivered' } | FailedOutcome;

export interface FailedOutcome {
  readonly kind: 'failed';
  readonly reason: number | 'timed-out' | 'unreachable';
}

export type DestinationKind = 'webhook' | 'queue';

/** Source of all below: https://learn.microsoft.com/azure/event-grid/delivery-and-retry */
const SCHEDULE_S: readonly number[] = [10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600];
const AFTER_SCHEDULE_S = 43_200;

const NOT_RETRIED: Readonly<Record<DestinationKind, readonly unknown[]>> = {
  webhook: [400, 401, 403, 413],
  queue: [400, 403, 413],
};

/** Least seconds until the next attempt; other statuses leave it to the schedule. */
const LEAST_S: Readonly<Record<DestinationKind, ReadonlyMap<unknown, number>>> = {
  webhook: new Map([
    [408, 120],
    [503, 30],
  ]),
  queue: new Map([
    [401, 300],
    [404, 300],
    [408, 120],
    [503, 30],
  ]),
};

export const isSuccess = (status: number): boolean => status >= 200 && status <= 204;

/** Milliseconds until the next attempt after `attempts` failed ones; undefined: there is none. */
export function retryDelay(kind: DestinationKind, { reason }: FailedOutcome, attempts: number): number | undefined {
  if (NOT_RETRIED[kind].includes(reason)) return undefined;
  const seconds = SCHEDULE_S[attempts - 1] ?? AFTER_SCHEDULE_S;
  return Math.max(seconds, LEAST_S[kind].get(reason) ?? 0) * 1000;
}

const OUTCOME_WORDS: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [400, 'BadRequest'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'NotFound'],
  [408, 'TimedOut'],
  [413, 'PayloadTooLarge'],
  [429, 'Busy'],
  [503, 'Busy'],
  ['timed-out', 'TimedOut'],
  ['unreachable', 'SocketError'],
]);

/** `lastDeliveryOutcome` of a dead letter. */
export const outcomeWord = (reason: number | string): string => OUTCOME_WORDS.get(reason) ?? 'GenericError';
