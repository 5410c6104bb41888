import type { ServiceBusQueueHandler } from '@azure/functions';
import { nearest } from '../../vending/model/traceparent.ts';
import { contextLog, framesOf, portsFor } from '../context-log.ts';
import { readEventMessage } from './event-message.ts';
import { type Incoming, readRequestMessage, readRetryMessage } from './incoming.ts';
import { type QueueMessage, readMessage } from './message.ts';
import { rejectionOf } from './replies.ts';
import { insist, logProblem, send } from './sending.ts';
import type { QueueServices, QueueSettings, QueueWork } from './services.ts';
import { workOn } from './work-on.ts';

const EVENTS_CALLER = { id: 'events', roles: [] } as const;

/** For a request queue. */
export const handleRequests = (services: QueueServices, queue: string): ServiceBusQueueHandler =>
  handler(services, queue, (work, message) => handle(work, message, readRequestMessage(message)));

/** For the function's own queue of delayed copies. */
export const handleRetries = (services: QueueServices): ServiceBusQueueHandler =>
  handler(services, services.queues.retryQueue, (work, message) => handle(work, message, readRetryMessage(message)));

/** For the queue that nobody but Event Grid sends to. */
export const handleEvents = (services: QueueServices, queue: string): ServiceBusQueueHandler =>
  handler(services, queue, async (work, message) => {
    const incoming = readEventMessage(message, EVENTS_CALLER.id, work.ports.log);
    if (incoming === undefined) return;
    if (incoming.kind !== 'several') return handle(work, message, incoming);
    await insist(work, 'events-not-taken-in', async () =>
      work.intake.accept(incoming.events, EVENTS_CALLER, message.traceparent),
    );
  });

/**
 * Every message taken is answered or put off before it is settled: an exception here abandons the message, and the
 * host delivers it again.
 */
function handler(
  services: QueueServices,
  queue: string,
  take: (work: QueueWork, message: QueueMessage) => Promise<void>,
): ServiceBusQueueHandler {
  return async (body, context) => {
    const work = { ...services, ports: portsFor(services.effects, context, 'worker') };
    try {
      await take(work, readMessage(body, queue, context));
    } catch (error) {
      contextLog(context)({ level: 'error', event: 'message-abandoned', stack: framesOf(error) });
      throw new Error('The message could not be answered and is abandoned.');
    }
  };
}

async function handle(services: QueueWork, message: QueueMessage, read: Incoming): Promise<void> {
  const incoming = withAllowedReply(services.queues, read, message);
  const work = continuing(services, nearest(message.traceparent, incoming.envelope?.traceparent));
  if (incoming.kind === 'work') return workOn(work, incoming.work, incoming.envelope);
  logProblem(work, incoming.problem);
  work.ports.telemetry?.measure('vending.outcomes', 1, { outcome: incoming.problem.type });
  const { messageId = message.messageId } = incoming.envelope ?? {};
  return send(work, work.queues.resultQueue, rejectionOf({ ...message, messageId }, incoming.problem));
}

function continuing(work: QueueWork, traceparent: string | undefined): QueueWork {
  const { telemetry } = work.ports;
  const ports = telemetry === undefined ? work.ports : { ...work.ports, telemetry: telemetry.under(traceparent) };
  return { ...work, ports, traceparent };
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
