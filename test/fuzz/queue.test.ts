import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rawBody } from './arbitraries/bodies.ts';
import { anyBody, metadata, retryMessage } from './arbitraries/messages.ts';
import { holds, PATIENCE } from './cases.ts';
import { asksForKey, isRetryMessage } from './is-message.ts';
import { isObject } from './is-request.ts';
import { deliver, expectAnswered, QUEUES } from './queues.ts';

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
