import { InvocationContext } from '@azure/functions';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type QueueMessage, readMessage } from '../../../src/functions/queue/message.ts';
import { rejectionOf } from '../../../src/functions/queue/replies.ts';
import type { ProblemType } from '../../../src/vending/model/problems.ts';
import { bytesOf, FROM_BUS } from './service.ts';

function read(triggerMetadata: Record<string, unknown>, body: unknown = {}): QueueMessage {
  const context = new InvocationContext({ triggerMetadata: { ...FROM_BUS, ...triggerMetadata } });
  const message = readMessage(bytesOf(body), 'vend-requests', context);
  if (message === undefined) throw new Error('The message did not come from the bus.');
  return message;
}

describe("a message's metadata", () => {
  it.each<[unknown, string]>([
    ['m-1', 'm-1'],
    ['4711e0x', '4711e0x'],
    [42, '42'],
    [-7, '-7'],
    [999_999_999_999_999, '999999999999999'],
    ['x'.repeat(128), 'x'.repeat(128)],
  ])('with the id %o have it as %o', (messageId, expected) => {
    expect(read({ messageId })).toMatchObject({ messageId: expected, isIdAmbiguous: false });
  });

  it.each([null, true, { a: 1 }, [1], 1.5, 1e15, 2 ** 60, -0, 'x'.repeat(129)])(
    'with the id %o, which may have been another text, have none',
    (messageId) => {
      const { reply, ...message } = read({ messageId });
      expect(message).toMatchObject({ messageId: undefined, isIdAmbiguous: true });
      expect(reply).toMatchObject({ correlationId: undefined, sequenceNumber: '1' });
    },
  );

  it.each([undefined, ''])('without an id (%o) say so', (messageId) => {
    expect(read({ messageId })).toMatchObject({ messageId: undefined, isIdAmbiguous: false });
  });

  it.each<[unknown, string]>([
    ['s-1', 's-1'],
    [42, '42'],
  ])('with the session %o have it as %o, and the reply queue', (replyToSessionId, sessionId) => {
    const { reply, isSessionAmbiguous } = read({ replyTo: 'replies', replyToSessionId });
    expect([reply.queue, reply.sessionId, isSessionAmbiguous]).toEqual(['replies', sessionId, false]);
  });

  it.each([undefined, null, ''])('without a session (%o) say so', (replyToSessionId) => {
    const { reply, isSessionAmbiguous } = read({ replyTo: 'replies', replyToSessionId });
    expect([reply.queue, reply.sessionId, isSessionAmbiguous]).toEqual(['replies', undefined, false]);
  });

  it.each<[unknown, string | undefined]>([
    [7, '7'],
    ['7', '7'],
    [{ low: 7, high: 1, unsigned: false }, '4294967303'],
    [{ low: -1, high: 2_097_151, unsigned: false }, '9007199254740991'],
    ['7'.repeat(129), undefined],
    [{ forged: true }, undefined],
  ])('have the sequence number %o as %o', (sequenceNumber, expected) => {
    expect(read({ sequenceNumber }).reply.sequenceNumber).toBe(expected);
  });

  it.each<[unknown, string | undefined]>([
    ['2026-03-01T12:00:00.1234567', '2026-03-01T12:00:00.123Z'],
    ['2026-03-01T12:00:00', '2026-03-01T12:00:00.000Z'],
    ['2026-03-01T13:00:00+01:00', '2026-03-01T12:00:00.000Z'],
    [`2026-03-01T12:00:00.${'1'.repeat(44)}`, '2026-03-01T12:00:00.111Z'],
    [`2026-03-01T12:00:00.${'1'.repeat(45)}`, undefined],
    ['yesterday', undefined],
    [7, undefined],
  ])('have the time %o as %o', (enqueuedTimeUtc, expected) => {
    expect(read({ enqueuedTimeUtc }).reply.enqueuedTime).toBe(expected);
  });

  it.each<[unknown, boolean]>([
    [{ 'aeg-event-type': 'Notification' }, true],
    [{ tenant: 'a' }, false],
    [undefined, false],
  ])('with the properties %o say whether Event Grid delivered it: %o', (applicationProperties, expected) => {
    expect(read({ applicationProperties }).isFromEventGrid).toBe(expected);
  });

  it.each<[unknown, string]>([
    ['q', 'q'],
    [42, '42'],
    [true, 'true'],
  ])('with the queue %o for the answer have it as %o', (replyTo, expected) => {
    expect(read({ replyTo }).reply.queue).toBe(expected);
  });

  it.each([{ forged: true }, null, ''])('name no queue for the answer where replyTo is %o', (replyTo) => {
    expect(read({ replyTo }).reply.queue).toBeUndefined();
  });

  it('have a time without an offset in UTC, wherever the function runs', () => {
    vi.stubEnv('TZ', 'Asia/Tokyo');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { reply } = read({ enqueuedTimeUtc: '2026-01-01T00:00:01' });
    expect(reply.enqueuedTime).toBe('2026-01-01T00:00:01.000Z');
  });

  it.each(['lockToken', 'sequenceNumber'])('without a %s are not of a message from the bus', (name) => {
    const { [name]: _, ...triggerMetadata } = { ...FROM_BUS, messageId: 'm' } as Record<string, unknown>;
    expect(readMessage(bytesOf({}), 'q', new InvocationContext({ triggerMetadata }))).toBeUndefined();
  });

  it.each([{ messageId: 'forged' }, '{}', undefined])(
    'beside the body %j, which is not bytes, are not of a message from the bus: the body may have forged them',
    (body) => {
      const context = new InvocationContext({ triggerMetadata: { ...FROM_BUS, messageId: 'm' } });
      expect(readMessage(body, 'q', context)).toBeUndefined();
    },
  );

  it('name a message for every delivery, and no other message', () => {
    const { reference } = read({ messageId: 'm' });
    expect(read({ messageId: 'm', deliveryCount: 2 }).reference).toBe(reference);
    const others = [
      read({ messageId: 'n' }),
      read({ messageId: 'm', sequenceNumber: 2 }),
      // Rounded numbers of a partitioned queue.
      read({ messageId: 'm', enqueuedTimeUtc: '2026-01-01T00:00:01' }),
      read({ messageId: 'm' }, { a: 1 }),
    ];
    expect(new Set([reference, ...others.map((other) => other.reference)]).size).toBe(5);
  });
});

describe('a rejection', () => {
  const problem = { type: 'malformed-request', detail: 'd' } as const;

  it('has an id for each reason: duplicate detection must not drop the second', () => {
    const message = read({ messageId: 'm' });
    const idFor = (type: ProblemType) => rejectionOf(message, message.reply, { type, detail: 'd' }).messageId;
    expect(idFor('reply-not-allowed')).not.toBe(idFor('malformed-request'));
  });

  const reject = (body: unknown): { readonly bodyBase64: string; readonly truncated: boolean } => {
    const message = read({ messageId: 'm' }, body);
    return JSON.parse(rejectionOf(message, message.reply, problem).body).rejected;
  };

  it.each(['héllo\u0000', '{ "a": 1, "a": 2 }', '"{\\"a\\":1}"', '', Buffer.from('fffe00aa', 'hex')])(
    'carries the body %j as it was sent, byte for byte',
    (body) => {
      const { bodyBase64, truncated } = reject(body);
      expect(Buffer.from(bodyBase64, 'base64')).toEqual(Buffer.from(body));
      expect(truncated).toBe(false);
    },
  );

  it('carries the first 48 KiB of a longer body and says so', () => {
    const { bodyBase64, truncated } = reject('x'.repeat(200_000));
    expect(truncated).toBe(true);
    expect(Buffer.from(bodyBase64, 'base64').toString()).toBe('x'.repeat(48 * 1024));
    expect(reject('x'.repeat(48 * 1024)).truncated).toBe(false);
  });
});
