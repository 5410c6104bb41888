import { INVOCATION_MS, type Settings } from './settings.ts';
import { leaseCoversSteps, type Timings } from './vending/model/timings.ts';

/**
 * The name of a request queue's trigger: `requestsVendRequests` for `vend-requests`. A function whose name has a hyphen cannot
 * be disabled by an app setting on Linux.
 */
export const triggerName = (queue: string): string =>
  `requests${queue
    .split(/[^A-Za-z0-9]/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')}`;
/** Characters. The host refuses a longer name of a function. */
const MAX_FUNCTION_NAME = 128;

/** Service Bus ignores case: a retry queue spelled otherwise is still a request queue, and its messages are trusted. */
const folded = (queue: string): string => queue.toLowerCase();

/** `lockDuration` of infra/modules/queue.bicep. A message whose worker died must not come back under its lease. */
const QUEUE_LOCK_MS = 180_000;
/** The time of a request before its claim, in ms: its token, the vault's probe, the ledger. */
const BEFORE_CLAIM_MS = 20_000;
const MAX_LEASE_MS = QUEUE_LOCK_MS - BEFORE_CLAIM_MS;
const LONGEST_INVOCATION_MS = Math.max(...Object.values(INVOCATION_MS));

/** Settings that are right one by one and wrong together: one line for each. */
export function crossFieldErrors(settings: Settings, timings: Timings): readonly string[] {
  const [requests, replies] = [settings.REQUEST_QUEUES.map(folded), settings.REPLY_QUEUES.map(folded)];
  const triggers = requests.map(triggerName);
  const [retry, result] = [folded(settings.RETRY_QUEUE), folded(settings.RESULT_QUEUE)];
  const events = settings.EVENT_QUEUE === undefined ? [] : [folded(settings.EVENT_QUEUE)];
  const taken = [...requests, retry, ...events];
  const rules: readonly (readonly [broken: boolean, line: string])[] = [
    [
      // The host ignores the case of a function's name.
      new Set(triggers.map(folded)).size < triggers.length,
      'REQUEST_QUEUES: the names must differ in letters or digits, not in case or punctuation alone',
    ],
    [
      triggers.some((name) => name.length > MAX_FUNCTION_NAME),
      `REQUEST_QUEUES: a name may have at most ${MAX_FUNCTION_NAME - triggerName('').length} letters and digits`,
    ],
    [
      events.some((name) => name === retry || requests.includes(name)),
      'EVENT_QUEUE: must be neither a request queue nor the retry queue: its only sender is Event Grid',
    ],
    [
      settings.EVENT_TOPIC_ENDPOINT !== undefined && settings.EVENT_TOPIC_NAME !== undefined,
      'EVENT_TOPIC_ENDPOINT: set at most one of EVENT_TOPIC_ENDPOINT (Event Grid) and EVENT_TOPIC_NAME (Service Bus)',
    ],
    [
      settings.EVENT_TOPIC_NAME !== undefined &&
        [...taken, ...replies, result].includes(folded(settings.EVENT_TOPIC_NAME)),
      'EVENT_TOPIC_NAME: must name none of the queues: its events would be taken for requests or replies',
    ],
    [
      settings.EVENT_SENDER_ROLE === settings.OPERATOR_ROLE,
      'EVENT_SENDER_ROLE: must not be OPERATOR_ROLE: Event Grid would be an operator',
    ],
    [requests.includes(retry), 'RETRY_QUEUE: must not be a request queue: its messages are trusted'],
    [taken.includes(result), 'RESULT_QUEUE: must be neither a request queue nor the retry queue nor the event queue'],
    [
      replies.some((name) => taken.includes(name)),
      'REPLY_QUEUES: must name neither a request queue nor the retry queue nor the event queue',
    ],
    [
      !leaseCoversSteps(timings),
      'LEASE_SECONDS: must be at least MINT_DEADLINE_SECONDS + STORE_DEADLINE_SECONDS + 2 × LEASE_MARGIN_SECONDS',
    ],
    [
      timings.leaseMs > MAX_LEASE_MS,
      `LEASE_SECONDS: must be at most ${MAX_LEASE_MS / 1000}: a queue locks a message for ${QUEUE_LOCK_MS / 1000}`,
    ],
    [
      settings.AzureFunctionsJobHost__functionTimeout <= LONGEST_INVOCATION_MS,
      `AzureFunctionsJobHost__functionTimeout: must be more than ${LONGEST_INVOCATION_MS / 1000} seconds, which an invocation may take`,
    ],
    [timings.settleMs < timings.marginMs, 'SETTLE_SECONDS: must be at least LEASE_MARGIN_SECONDS'],
    [
      settings.QUEUE_RETRY_BASE_SECONDS > settings.QUEUE_RETRY_MAX_SECONDS,
      'QUEUE_RETRY_BASE_SECONDS: must not exceed QUEUE_RETRY_MAX_SECONDS',
    ],
  ];
  return rules.filter(([broken]) => broken).map(([, line]) => line);
}
