import { InvocationContext } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { readMessage } from '../../../src/functions/queue/message.ts';
import { rejectionOf } from '../../../src/functions/queue/replies.ts';

const read = (triggerMetadata: Record<string, unknown>, body: unknown = {}) =>
  readMessage(body, 'vend-requests', new InvocationContext({ triggerMetadata }));

describe("a message's metadata", () => {
  it.each<[unknown, string | undefined]>([
    ['m-1', 'm-1'],
    [42, '42'],
    [true, 'true'],
    ['', undefined],
    ['x'.repeat(128), 'x'.repeat(128)],
    ['x'.repeat(129), undefined],
    [null, undefined],
    [{ a: 1 }, undefined],
    [1.5, undefined],
    [2 ** 60, undefined],
  ])('has the id %o, which the library may have parsed, as %o', (messageId, expected) => {
    expect(read({ messageId, sequenceNumber: 7 })).toMatchObject({ reference: expected ?? '#7' });
    expect(read({ messageId }).messageId).toBe(expected);
  });

  it.each<[unknown, string]>([
    [7, '#7'],
    ['7', '#7'],
    [{ low: 7, high: 1, unsigned: false }, '#1:7'],
    [undefined, '#unknown'],
    [{ forged: true }, '#unknown'],
  ])('numbers a message without an id by %o as %s', (sequenceNumber, reference) => {
    expect(read({ sequenceNumber }).reference).toBe(reference);
  });
});

describe('a rejection', () => {
  const problem = { type: 'malformed-request', detail: 'd' } as const;
  const reject = (body: unknown, metadata: Record<string, unknown> = { messageId: 'm' }) => {
    const { messageId, body: text } = rejectionOf(read(metadata, body), problem);
    return { messageId, rejected: JSON.parse(text).rejected as { bodyBase64: string; truncated: boolean } };
  };
  const echoed = (body: unknown): string => Buffer.from(reject(body).rejected.bodyBase64, 'base64').toString();

  it('carries the body: text as it is, anything else as JSON', () => {
    expect(echoed('héllo\u0000')).toBe('héllo\u0000');
    expect(echoed({ a: [1, null] })).toBe('{"a":[1,null]}');
    expect(echoed('')).toBe('');
    expect(reject('x').rejected.truncated).toBe(false);
  });

  it('carries the first 48 KiB of a longer one, and tells so', () => {
    const { bodyBase64, truncated } = reject('x'.repeat(200_000)).rejected;
    expect(truncated).toBe(true);
    expect(Buffer.from(bodyBase64, 'base64').toString()).toBe('x'.repeat(48 * 1024));
    expect(reject('x'.repeat(48 * 1024)).rejected.truncated).toBe(false);
  });

  it('is sent even where the body is nested too deeply to be written', () => {
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
    expect(reject(deep).rejected).toEqual({ bodyBase64: '', truncated: true });
  });

  it('has one id for one message, and another for every other, whatever their bodies forge', () => {
    const forged = { messageId: 'm', sequenceNumber: {} };
    expect(reject({ a: 1 }, forged).messageId).toBe(reject({ a: 1 }, forged).messageId);
    expect(reject({ a: 1 }, forged).messageId).not.toBe(reject({ a: 2 }, forged).messageId);
    expect(reject('x', { messageId: 'm', sequenceNumber: 1 }).messageId).not.toBe(
      reject('x', { messageId: 'm', sequenceNumber: 2 }).messageId,
    );
    expect(reject('x', { messageId: 'a' }).messageId).not.toBe(reject('x', { messageId: 'b' }).messageId);
  });
});
