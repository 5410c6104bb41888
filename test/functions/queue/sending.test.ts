import { beforeEach, describe, expect, it } from 'vitest';
import { only, REQUEST, Service } from './service.ts';

const upstream = { service: 'bus', status: 503 } as const;
const SHARED_KEY = { ...REQUEST, idempotencyKey: 'order-1' };

let service: Service;
beforeEach(() => {
  service = new Service();
});

describe('a dead letter that is sent again as infra/RUNBOOK.md says', () => {
  const event = { specversion: '1.0', id: 'e-1', source: '/portal', type: 'x.apikey.requested.v1', data: REQUEST };
  const posts = () => service.world.confluent.posts;

  /** Its key is vended, and then nobody can be answered. */
  async function abandon(body: unknown): Promise<void> {
    service.messenger.fate = () => ({ kind: 'not-sent', upstream });
    await expect(service.request(body, { messageId: 'm-1' })).rejects.toThrow('is abandoned');
    service.messenger.fate = () => ({ kind: 'sent' });
  }

  it.each([
    ['its messageId', REQUEST, 'm-1'],
    ['the idempotencyKey in its body', SHARED_KEY, 'm-2'],
    ['source and id of its event', event, 'm-2'],
  ])('under %s is answered with its key', async (_, body, messageId) => {
    await abandon(body);
    expect(only(await service.request(body, { messageId, sequenceNumber: 2 })).message.subject).toBe('vended');
    expect(posts()).toHaveLength(1);
  });

  it.each([
    ['another messageId', REQUEST, 'm-2'],
    ['its messageId for an idempotencyKey', { ...REQUEST, idempotencyKey: 'm-1' }, 'm-2'],
  ])('under %s would be another request', async (_, body, messageId) => {
    await abandon(REQUEST);
    await service.request(body, { messageId });
    expect(posts()).toHaveLength(2);
  });

  it.each([
    ['msg', REQUEST, 'm-1'],
    ['key', SHARED_KEY, 'm-2'],
    ['ce', event, 'm-2'],
  ])('from the retry queue, named by %s, is put together from envelope and work', async (kind, body, messageId) => {
    service.isVaultWritable = false;
    const { message } = only(await service.request(body, { messageId: 'm-1', replyTo: 'replies-a' }));
    const { envelope, work } = JSON.parse(message.body);
    expect(envelope).toMatchObject({ origin: 'sender', caller: 'queue:orders', reply: { queue: 'replies-a' } });
    expect(work).toMatchObject({ kind: 'operation', key: { kind } });
    if (kind === 'msg') expect(work.key.messageId).toBe(messageId);
    service.isVaultWritable = true;
    await service.retry(message);
    const { id, source } = work.key;
    const again = kind === 'ce' ? { ...event, id, source, data: work.operation } : work.operation;
    expect(only(await service.request(again, { messageId })).message.subject).toBe('vended');
    expect(posts()).toHaveLength(1);
  });
});

it('several events that the bus does not take abandon their message', async () => {
  const event = { specversion: '1.0', id: 'e-1', source: '/portal', type: 'x.apikey.requested.v1', data: REQUEST };
  service.messenger.fate = () => ({ kind: 'not-sent', upstream });
  await expect(service.event([event, { ...event, id: 'e-2' }])).rejects.toThrow('is abandoned');
  expect(service.logged.filter((line) => line.includes('events-not-accepted'))).toHaveLength(6);
});

describe.each([
  ['a reply', true, 'reply-not-sent'],
  ['a retry message', false, 'retry-not-sent'],
])('%s that is not sent', (_, isWritable, event) => {
  beforeEach(() => {
    service.isVaultWritable = isWritable;
  });

  it('is sent again after a pause', async () => {
    const { messenger, world } = service;
    messenger.fate = () => (messenger.tries <= 2 ? { kind: 'not-sent', upstream } : { kind: 'sent' });
    const before = world.now;
    expect(await service.request(REQUEST, { messageId: 'm-1' })).toHaveLength(1);
    expect(world.now - before).toBe(3_000);
    expect(service.logged.filter((line) => line.includes(event))).toHaveLength(2);
  });

  it('abandons its message in the end', async () => {
    const { messenger, world } = service;
    messenger.fate = () => ({ kind: 'not-sent', upstream });
    const before = world.now;
    await expect(service.request(REQUEST, { messageId: 'm-1' })).rejects.toThrow('is abandoned');
    expect([messenger.tries, world.now - before]).toEqual([6, 38_000]);
  });

  it('abandons its message with an error of ours, without a word of the defect', async () => {
    service.messenger.fate = () => {
      throw new Error('cflt/secret');
    };
    const error: unknown = await service.request(REQUEST, { messageId: 'm-1' }).catch((thrown: unknown) => thrown);
    expect(error).toEqual(new Error('The message could not be answered and is abandoned.'));
    expect(error).not.toHaveProperty('cause');
    expect(service.logged.join()).toMatch(/"message-abandoned","stack":"[^"]*sending\.test/);
    expect(service.logged.join()).not.toContain('cflt');
  });
});
