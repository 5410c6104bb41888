import { InvocationContext, type ServiceBusQueueHandler } from '@azure/functions';
import { expect } from 'vitest';
import { handleEvents, handleRequests, handleRetries } from '../../src/functions/queue/handle.ts';
import { createEventIntake } from '../../src/functions/queue/retry-messages.ts';
import type { QueueServices } from '../../src/functions/queue/services.ts';
import type { Messenger, OutgoingMessage } from '../../src/vending/ports/messaging.ts';
import { World } from '../vending/world/world.ts';
import type { Message } from './arbitraries/messages.ts';
import { HUSH } from './arbitraries/text.ts';
import { OPEN, OPERATOR_ROLE } from './functions.ts';
import { expectProblem } from './oracle.ts';

export const QUEUES = { retryQueue: 'vend-retries', resultQueue: 'vend-results', replyQueues: ['portal-replies'] };
const BACKOFF = { baseMs: 5_000, maxMs: 300_000, maxAttempts: 12 };

export interface Sent {
  readonly queue: string;
  readonly message: OutgoingMessage;
}

export interface Delivered {
  readonly world: World;
  readonly logs: readonly string[];
  readonly sent: readonly Sent[];
}

/** The limits of Service Bus in its Standard tier: 128 characters of id, 64 KB of properties, 256 KB in all. */
function isAccepted({ queue, message }: Sent): boolean {
  const { body, ...properties } = message;
  const header = JSON.stringify(properties).length;
  const isKnown = [QUEUES.retryQueue, QUEUES.resultQueue, ...QUEUES.replyQueues].includes(queue);
  return (
    isKnown && message.messageId.length <= 128 && header <= 64 * 1024 && header + Buffer.byteLength(body) <= 256 * 1024
  );
}

const HANDLERS = {
  request: (services) => handleRequests(services, 'vend-requests'),
  retry: handleRetries,
  event: (services) => handleEvents(services, 'vend-events'),
} as const satisfies Record<string, (services: QueueServices) => ServiceBusQueueHandler>;

export async function deliver(
  to: keyof typeof HANDLERS,
  { body, metadata: triggerMetadata }: Message,
  isThrottled = false,
): Promise<Delivered> {
  const world = new World();
  world.fault = (effect) => (isThrottled && effect === 'mint' ? 'refused' : undefined);
  const sent: Sent[] = [];
  const send: Messenger['send'] = async (queue, message) => {
    if (!isAccepted({ queue, message })) return { kind: 'not-sent', upstream: { service: 'bus' } };
    sent.push({ queue, message });
    return { kind: 'sent' };
  };
  const messenger = { send, sendLater: send };
  const services = {
    effects: world.effects(),
    settings: OPEN,
    messenger,
    queues: { ...QUEUES, backoff: BACKOFF },
    operatorRole: OPERATOR_ROLE,
    intake: createEventIntake(messenger, QUEUES.retryQueue, world.effects().clock),
  };
  const logs: string[] = [];
  const logHandler = (_level: unknown, ...parts: unknown[]): void => void logs.push(parts.join(' '));
  const context = new InvocationContext({ triggerMetadata: { ...triggerMetadata }, logHandler });
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  const bytes = Buffer.from(isRaw ? body : (JSON.stringify(body) ?? ''));
  await HANDLERS[to](services)(bytes, context);
  return { world, logs, sent };
}

/** Exactly one answer or one retry message. A problem is in our words, with what was rejected beside it. */
export function expectAnswered({ world, logs, sent }: Delivered): string {
  const [answer, ...more] = sent;
  if (answer === undefined) throw new Error('There was no answer.');
  expect(more).toEqual([]);
  const { queue, message } = answer;
  if (queue === QUEUES.retryQueue) return 'rescheduled';
  if (message.subject === 'vended') return 'vended';
  const { rejected, ...problem } = JSON.parse(message.body);
  expect(expectProblem(problem)).toBe(message.subject);
  expect([QUEUES.resultQueue, ...QUEUES.replyQueues]).toContain(queue);
  if (world.confluent.posts.length === 0) expect(logs.join('\n')).not.toContain(HUSH);
  return message.subject ?? '';
}
