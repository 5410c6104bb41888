import type { ServiceBusQueueHandler } from '@azure/functions';
import { closestParent } from '../../vending/model/tracing.ts';
import { stackFramesOf } from '../../vending/ports/telemetry.ts';
import { contextFor, contextLog } from '../context.ts';
import { type Incoming, readEventMessage, readRequestMessage, readRetry, reject } from './incoming.ts';
import { type QueueMessage, readMessage } from './message.ts';
import { processWork } from './process.ts';
import { logProblem, rejectionOf, replyQueueOf, sendAnswer, sendWithRetry } from './replies.ts';
import type { QueueServices, QueueWork } from './services.ts';
import type { WrittenWork } from './work.ts';

const EVENTS_CALLER = { id: 'events', roles: [] } as const;

/** For a request queue. */
export const handleRequests = (services: QueueServices, queue: string): ServiceBusQueueHandler =>
  handler(services, queue, (work, message) => handle(work, message, readRequestMessage(message)));

/** For the function's own queue of retry messages. */
export const handleRetries = (services: QueueServices): ServiceBusQueueHandler =>
  handler(services, services.queues.retryQueue, (work, message) => handle(work, message, readRetry(message)));

/** For the queue that nobody but Event Grid sends to. */
export const handleEvents = (services: QueueServices, queue: string): ServiceBusQueueHandler =>
  handler(services, queue, async (work, message) => {
    const incoming = readEventMessage(message, EVENTS_CALLER.id, work.ctx.log);
    if (incoming === undefined) return;
    if (incoming.kind !== 'several') return handle(work, message, incoming);
    await sendWithRetry(work, 'events-not-accepted', async () =>
      work.intake.accept(incoming.events, EVENTS_CALLER, message.traceparent),
    );
  });

/**
 * Every message is answered or rescheduled before it is settled. An exception here abandons the message, and the host
 * delivers it again.
 */
function handler(
  services: QueueServices,
  queue: string,
  take: (work: QueueWork, message: QueueMessage) => Promise<void>,
): ServiceBusQueueHandler {
  return async (body, context) => {
    const log = contextLog(context);
    const message = readMessage(body, queue, context);
    if (message === undefined) {
      log({ level: 'error', event: 'request-denied', state: 'not-from-service-bus' });
      throw new Error(
        'The invocation has no lock token, sequence number or bytes, so it did not come from Service Bus.',
      );
    }
    try {
      await take({ ...services, ctx: contextFor(services.effects, context, WORKER) }, message);
    } catch (error) {
      log({ level: 'error', event: 'message-abandoned', stack: stackFramesOf(error) });
      throw new Error('The message could not be answered and is abandoned.');
    }
  };
}

const WORKER = { party: 'worker', name: 'worker' } as const;

async function handle(services: QueueWork, message: QueueMessage, read: Incoming): Promise<void> {
  const { reply, traceparent } = read.kind === 'work' ? read.envelope : read;
  const work = continuing(services, closestParent(message.traceparent, traceparent));
  const queue = replyQueueOf(work.queues, reply);
  // The settings may have changed since a message was rescheduled. It may have made a key by then, so it is served.
  const isNew = read.kind === 'work' && read.envelope.rescheduleCount === 0;
  const incoming = queue === undefined && isNew ? reject(read.envelope, REPLY_NOT_ALLOWED) : read;
  const replyQueue = queue ?? work.queues.resultQueue;
  if (incoming.kind === 'work') return processWork(work, incoming.work, incoming.envelope, replyQueue);
  const { problem } = incoming;
  logProblem(work, problem);
  work.ctx.telemetry?.measure('vending.outcomes', 1, { outcome: problem.type });
  const { sent } = incoming;
  const body = sent === undefined ? message.body : Buffer.from(JSON.stringify(sentIn(sent)));
  return sendAnswer(work, replyQueue, rejectionOf({ ...message, body }, reply, problem));
}

const sentIn = (work: WrittenWork): unknown => (work.kind === 'broken' ? (work.event ?? work) : work);

function continuing(work: QueueWork, traceparent: string | undefined): QueueWork {
  const { telemetry } = work.ctx;
  const ctx = telemetry === undefined ? work.ctx : { ...work.ctx, telemetry: telemetry.under(traceparent) };
  return { ...work, ctx, traceparent };
}

const REPLY_NOT_ALLOWED = {
  type: 'reply-not-allowed',
  detail: 'replyTo names a queue that this service may not answer on.',
  errors: [{ pointer: '/replyTo', detail: 'is not an allowed reply queue' }],
} as const;
