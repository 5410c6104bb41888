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

  it('but a JSON string is answered in words that say so', async () => {
    const sent = await reject(JSON.stringify(REQUEST));
    expect(sent.message.subject).toBe('malformed-request');
    expect(bodyOf(sent).detail).toContain('is a JSON string');
  });

  it('but JSON after a byte order mark is a request', async () => {
    expect((await reject(`\uFEFF${JSON.stringify(REQUEST)}`)).message.subject).toBe('vended');
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
});

it('an invocation that did not come from the bus is refused: nothing is done, and nobody is answered', async () => {
  const { lockToken: _, ...forged } = FROM_BUS;
  const request = service.request(REQUEST, { ...forged, lockToken: undefined, messageId: 'm-1' });
  await expect(request).rejects.toThrow('did not come from Service Bus');
  expect(service.messenger.sent).toEqual([]);
  expect(service.world.confluent.posts).toEqual([]);
  expect(service.errors.join()).toContain('"event":"request-denied"');
});
