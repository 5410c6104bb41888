import { beforeEach, describe, expect, it } from 'vitest';
import { bodyOf, FROM_BUS, only, REQUEST, Service } from './service.ts';

const SHARED_KEY = { ...REQUEST, idempotencyKey: 'order-1' };

let service: Service;
beforeEach(() => {
  service = new Service();
});

describe('a message that is no request', () => {
  const reject = async (body: unknown, metadata: Record<string, unknown> = {}, queue = 'orders') =>
    only(await service.request(body, { messageId: 'm-1', ...metadata }, queue));

  it('is answered where its sender listens', async () => {
    const { queue, message } = await reject('no JSON', { replyTo: 'replies-a' });
    expect(queue).toBe('replies-a');
    expect(message).toMatchObject({ subject: 'malformed-request', correlationId: 'm-1' });
  });

  it('is answered on the result queue where its sender may not be answered', async () => {
    expect(await reject('no JSON', { replyTo: 'elsewhere' })).toMatchObject({
      queue: 'vend-results',
      message: { subject: 'malformed-request' },
    });
  });

  it('is answered with one id over every delivery, and another for another message, body or queue', async () => {
    const { message } = await reject('no JSON');
    expect((await reject('no JSON')).message).toEqual(message);
    const others = [
      await reject('no JSON', { messageId: 'm-2' }),
      await reject('no JSON', { sequenceNumber: 2 }),
      await reject('neither'),
      await reject('no JSON', {}, 'payments'),
    ];
    expect(new Set([message.messageId, ...others.map((sent) => sent.message.messageId)]).size).toBe(5);
  });

  it('is answered within the size of a message of the Standard tier, however long it is', async () => {
    const { message } = await reject('x'.repeat(1_000_000));
    expect(message.body.length).toBeLessThan(100_000);
    expect(JSON.parse(message.body)).toMatchObject({ rejected: { truncated: true } });
  });

  it.each<[string, string | Buffer, RegExp]>([
    ['is a JSON string of the object', JSON.stringify(JSON.stringify(REQUEST)), /is a JSON string. Send the object/],
    ['is an array', '[]', /must be one JSON object/],
    ['is null', 'null', /must be one JSON object/],
    ['has a name twice', '{"name":"a","n\\u0061me":"b"}', /the name \/name occurs more than once/],
    ['is no UTF-8', Buffer.from('7b22ff223a317d', 'hex'), /not valid UTF-8/],
    ['is UTF-16', Buffer.from(JSON.stringify(REQUEST), 'utf16le'), /not valid JSON/],
    ['is cut off', '{"name":', /not valid JSON/],
    ['is empty', '', /the text is empty/],
    ['is nested too deeply', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, /nested more than 16 levels/],
  ])('because it %s is answered in words that say so, with its body', async (_, body, words) => {
    const sent = await reject(body);
    expect(sent.message.subject).toBe('malformed-request');
    expect(bodyOf(sent).detail).toMatch(words);
    const { bodyBase64 } = bodyOf(sent).rejected as { readonly bodyBase64: string };
    expect(Buffer.from(bodyBase64, 'base64')).toEqual(Buffer.from(body).subarray(0, 48 * 1024));
  });

  it('but JSON after a byte order mark is a request', async () => {
    expect((await reject(`\uFEFF${JSON.stringify(REQUEST)}`)).message.subject).toBe('vended');
  });

  it('cannot forge an id or a reply queue with fields of its body', async () => {
    const { queue, message } = await reject({ ...REQUEST, messageId: 'forged', replyTo: 'replies-a' });
    expect([queue, message.correlationId]).toEqual(['vend-results', 'm-1']);
  });

  it.each([true, 1.5, null, -0])('and has the id %o is told which id to set', async (messageId) => {
    const sent = await reject(REQUEST, { messageId });
    expect(sent.message).toMatchObject({
      subject: 'idempotency-key-required',
      applicationProperties: { sequenceNumber: '1' },
    });
    expect(sent.message).not.toHaveProperty('correlationId');
    expect(bodyOf(sent).detail).toContain('the id that was sent is not known');
    expect((await reject(SHARED_KEY, { messageId })).message.subject).toBe('vended');
  });

  it.each([true, 1.5, 1e15, { a: 1 }])(
    'and has the session %o, which may have been another text, is answered on the result queue, and nothing is minted',
    async (replyToSessionId) => {
      const { queue, message } = await reject(REQUEST, { replyTo: 'replies-a', replyToSessionId });
      expect(queue).toBe('vend-results');
      expect(message).toMatchObject({ subject: 'invalid-request', correlationId: 'm-1' });
      expect(message).not.toHaveProperty('sessionId');
      expect(JSON.parse(message.body).errors).toMatchObject([{ pointer: '/replyToSessionId' }]);
      expect(service.world.confluent.posts).toEqual([]);
    },
  );
});

it('an invocation that did not come from the bus is refused: nothing is done, and nobody is answered', async () => {
  const { lockToken: _, ...forged } = FROM_BUS;
  const request = service.request(REQUEST, { ...forged, lockToken: undefined, messageId: 'm-1' });
  await expect(request).rejects.toThrow('did not come from Service Bus');
  expect(service.messenger.sent).toEqual([]);
  expect(service.world.confluent.posts).toEqual([]);
  expect(service.errors).toEqual(['{"event":"request-denied","state":"not-from-service-bus"}']);
});
