import type { ServiceBusQueueHandler } from '@azure/functions';
import type { Messenger, OutgoingMessage, SendOutcome } from '../../vending/ports/messenger.ts';
import { PROBLEMS, type Problem } from '../../vending/problems.ts';
import type { VendRequest } from '../../vending/request.ts';
import type { SagaEffects, SagaPorts } from '../../vending/saga/ports.ts';
import { type VendSettings, vend } from '../../vending/vend.ts';
import { contextLog, framesOf, portsFor } from '../context-log.ts';
import { type Backoff, delayOf } from './backoff.ts';
import { type Envelope, writeDelayedCopy } from './delayed-copy.ts';
import { type Incoming, readRequestMessage, readRetryMessage } from './incoming.ts';
import { type QueueMessage, readMessage } from './message.ts';
import { answerTo, copyId, rejectionOf } from './replies.ts';

export interface QueueSettings {
  readonly retryQueue: string;
  readonly resultQueue: string;
  /** Queues besides the result queue that a sender may ask to be answered on. */
  readonly replyQueues: readonly string[];
  readonly backoff: Backoff;
}

export interface QueueServices {
  readonly effects: SagaEffects;
  readonly settings: VendSettings;
  readonly messenger: Messenger;
  readonly queues: QueueSettings;
}

interface QueueWork extends QueueServices {
  readonly ports: SagaPorts;
}

/** For a request queue. */
export const handleRequests = (services: QueueServices, queue: string): ServiceBusQueueHandler =>
  handler(services, queue, readRequestMessage);

/** For the function's own queue of delayed copies. */
export const handleRetries = (services: QueueServices): ServiceBusQueueHandler =>
  handler(services, services.queues.retryQueue, readRetryMessage);

/**
 * Every message taken is answered or put off before it is settled: an exception here abandons the message, and the
 * host delivers it again.
 */
function handler(
  services: QueueServices,
  queue: string,
  read: (message: QueueMessage) => Incoming,
): ServiceBusQueueHandler {
  return async (body, context) => {
    const work = { ...services, ports: portsFor(services.effects, context, 'worker') };
    try {
      await handle(work, readMessage(body, queue, context), read);
    } catch (error) {
      contextLog(context)({ level: 'error', event: 'message-abandoned', stack: framesOf(error) });
      throw new Error('The message could not be answered and is abandoned.');
    }
  };
}

async function handle(
  work: QueueWork,
  message: QueueMessage,
  read: (message: QueueMessage) => Incoming,
): Promise<void> {
  const incoming = withAllowedReply(work.queues, read(message), message);
  if (incoming.kind === 'rejected') {
    logProblem(work, incoming.problem);
    const { messageId = message.messageId } = incoming.envelope ?? {};
    return send(work, work.queues.resultQueue, rejectionOf({ ...message, messageId }, incoming.problem));
  }
  const { command, envelope } = incoming;
  const outcome = await vend(work.ports, work.settings, command);
  if (outcome.kind === 'problem') {
    logProblem(work, outcome.problem, outcome.requestId);
    if (mayPutOff(work.queues.backoff, envelope, outcome.problem)) {
      return putOff(work, envelope, command.request, outcome.problem);
    }
  }
  return send(work, envelope.replyTo ?? work.queues.resultQueue, answerTo(envelope, outcome));
}

/** Judged on copies too: the settings may have changed since the message was put off. */
function withAllowedReply(
  { resultQueue, replyQueues }: QueueSettings,
  incoming: Incoming,
  message: QueueMessage,
): Incoming {
  const replyTo = incoming.envelope?.replyTo ?? message.replyTo;
  const allowed = replyTo === undefined || replyTo === resultQueue || replyQueues.includes(replyTo);
  if (allowed || incoming.kind === 'rejected') return incoming;
  return { ...REPLY_NOT_ALLOWED, envelope: incoming.envelope };
}

const REPLY_NOT_ALLOWED = {
  kind: 'rejected',
  problem: {
    type: 'reply-not-allowed',
    detail: 'replyTo names a queue that this service may not answer on.',
    errors: [{ pointer: '/replyTo', detail: 'is not an allowed reply queue' }],
  },
} as const;

const mayPutOff = ({ maxAttempts }: Backoff, { attempts }: Envelope, { type }: Problem): boolean =>
  type === 'paused' || (PROBLEMS[type].transient && attempts < maxAttempts);

async function putOff(work: QueueWork, before: Envelope, request: VendRequest, problem: Problem): Promise<void> {
  const { ports, queues, messenger } = work;
  const attempts = problem.type === 'paused' ? before.attempts : before.attempts + 1;
  const envelope = { ...before, copies: before.copies + 1, attempts };
  const copy: OutgoingMessage = {
    messageId: copyId(envelope),
    body: writeDelayedCopy({ envelope, request }),
    contentType: 'application/json',
  };
  const delay = delayOf(queues.backoff, attempts, problem.retryAfterMs);
  const notBefore = new Date(ports.clock.now() + delay);
  await insist(work, 'copy-not-sent', () => messenger.sendLater(queues.retryQueue, copy, notBefore));
}

const send = (work: QueueWork, queue: string, message: OutgoingMessage): Promise<void> =>
  insist(work, 'reply-not-sent', () => work.messenger.send(queue, message));

/** Pauses between tries, in milliseconds. */
const PAUSES = [1_000, 2_000, 5_000, 10_000, 20_000];

/**
 * An abandoned message comes back at once, and a few of those make a dead letter that nobody answers: a queue that does
 * not take messages for a while is waited for here, well within the time that the host renews the message's lock.
 */
async function insist(work: QueueWork, event: string, attempt: () => Promise<SendOutcome>): Promise<void> {
  for (const pause of [...PAUSES, undefined]) {
    const sent = await attempt();
    if (sent.kind === 'sent') return;
    work.ports.log({ level: 'error', event, upstream: sent.upstream });
    if (pause !== undefined) await work.ports.clock.sleep(pause);
  }
  throw new Error('A message was not sent.');
}

function logProblem({ ports }: QueueWork, { type }: Problem, requestId?: string): void {
  ports.log({
    level: 'warn',
    event: 'request-failed',
    problem: type,
    ...(requestId === undefined ? {} : { requestId }),
  });
}
