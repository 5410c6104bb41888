import { InvocationContext } from '@azure/functions';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { handleRequests, handleRetries } from '../../src/functions/queue/handle.ts';
import { createEventIntake } from '../../src/functions/queue/retry-messages.ts';
import type { Messenger, OutgoingMessage } from '../../src/vending/ports/messaging.ts';
import { World } from '../vending/world/world.ts';
import { rawBody } from './arbitraries/bodies.ts';
import { anyBody, type Message, metadata, retryMessage } from './arbitraries/messages.ts';
import { HUSH } from './arbitraries/text.ts';
import { holds, PATIENCE } from './cases.ts';
import { OPEN, OPERATOR_ROLE } from './functions.ts';
import { asksForKey, isRetryMessage } from './is-message.ts';
import { isObject } from './is-request.ts';
import { expectProblem } from './oracle.ts';

const QUEUES = { retryQueue: 'vend-retries', resultQueue: 'vend-results', replyQueues: ['portal-replies'] };
const BACKOFF = { baseMs: 5_000, maxMs: 300_000, maxAttempts: 12 };

interface Sent {
  readonly queue: string;
  readonly message: OutgoingMessage;
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

async function deliver(to: 'request' | 'retry', { body, metadata: triggerMetadata }: Message, isThrottled: boolean) {
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
    intake: createEventIntake(messenger, QUEUES.retryQueue),
  };
  const logs: string[] = [];
  const logHandler = (_level: unknown, ...parts: unknown[]): void => void logs.push(parts.join(' '));
  const context = new InvocationContext({ triggerMetadata: { ...triggerMetadata }, logHandler });
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  const bytes = Buffer.from(isRaw ? body : (JSON.stringify(body) ?? ''));
  await (to === 'request' ? handleRequests(services, 'vend-requests') : handleRetries(services))(bytes, context);
  return { world, logs, sent };
}

/** Exactly one answer or one retry message. A problem is in our words, with what was rejected beside it. */
function expectAnswered({ world, logs, sent }: Awaited<ReturnType<typeof deliver>>): string {
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

/** The service asked itself, or an event named a secret to look at. */
const isForNobody = (body: unknown): boolean =>
  isObject(body) &&
  ((isObject(body.envelope) && body.envelope.origin === 'service') ||
    (isObject(body.work) && body.work.kind === 'look'));

const SENT = { messageId: 'm-1', lockToken: 'lock', sequenceNumber: 7 };
const message = (bodies: typeof anyBody) => fc.record({ body: bodies, metadata });

it('answers every message once, and mints for those that ask for a key', PATIENCE, async () => {
  const property = fc.asyncProperty(message(anyBody), fc.boolean(), async (received, isThrottled) => {
    const delivered = await deliver('request', received, isThrottled);
    const outcome = expectAnswered(delivered);
    const asks = asksForKey(received, [QUEUES.resultQueue, ...QUEUES.replyQueues]);
    const posts = delivered.world.calls.filter((effect) => effect === 'mint');
    expect(posts).toHaveLength(asks ? 1 : 0);
    if (asks) expect(outcome).toBe(isThrottled ? 'rescheduled' : 'vended');
  });
  await holds('messages', property);
});

it('mints for the bytes of a request and for no others', PATIENCE, async () => {
  const property = fc.asyncProperty(rawBody, async ({ bytes, isSound }) => {
    // Over HTTP alone a longer one is refused.
    fc.pre(isSound || bytes.byteLength <= 16 * 1024);
    const delivered = await deliver('request', { body: bytes, metadata: SENT }, false);
    expect(expectAnswered(delivered)).toEqual(
      isSound ? 'vended' : expect.stringMatching(/^(malformed|invalid)-request$/),
    );
    expect(delivered.world.confluent.posts).toHaveLength(isSound ? 1 : 0);
  });
  await holds('message bodies', property);
});

it('answers every retry message once, and mints for none that it cannot have written', PATIENCE, async () => {
  const bodies = fc.oneof({ arbitrary: retryMessage, weight: 4 }, { arbitrary: anyBody, weight: 1 });
  const property = fc.asyncProperty(message(bodies), fc.boolean(), async (received, isThrottled) => {
    const delivered = await deliver('retry', received, isThrottled);
    if (isForNobody(received.body) && delivered.sent.length === 0) return;
    const outcome = expectAnswered(delivered);
    if (!isRetryMessage(received.body)) expect(outcome).toBe('invalid-request');
    if (delivered.world.confluent.posts.length > 0) expect(isRetryMessage(received.body)).toBe(true);
  });
  await holds('retry messages', property);
});

it('believes no retry message on a request queue', PATIENCE, async () => {
  const property = fc.asyncProperty(message(retryMessage), async (received) => {
    const delivered = await deliver('request', received, false);
    expect(expectAnswered(delivered)).toBe('invalid-request');
    expect(delivered.world.confluent.posts).toEqual([]);
  });
  await holds('forged retry messages', property);
});
