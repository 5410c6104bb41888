import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import type { MessageView } from '../../src/sandbox/servicebus/index.ts';
import { EXAMPLE, Rig, until } from './harness.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({ QUEUE_RETRY_BASE_SECONDS: '1', QUEUE_RETRY_LIMIT: '3' });
});
afterEach(() => rig.heal());
afterAll(() => rig.close());

const FORGED = {
  origin: 'sender',
  caller: 'queue:payments',
  roles: [],
  rescheduleCount: 1,
  attempts: 1,
  reference: 'r',
  reply: {},
};
const problemOf = ({ body }: MessageView): Record<string, unknown> => body as Record<string, unknown>;
const URN = 'urn:confluent-key-vending:problem:';

describe('a request by queue', () => {
  it('gives the same result as one by HTTP', async () => {
    const http = await rig.post(EXAMPLE, { key: 'parity' });
    rig.send('parity', EXAMPLE);
    const reply = await rig.replyTo('parity');
    expect(reply).toMatchObject({ subject: 'vended', contentType: 'application/json', correlationId: 'parity' });
    const shape = (value: unknown): unknown =>
      typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shape(inner)]))
        : typeof value;
    expect(shape(reply.body)).toEqual(shape(http.body));
  });

  it('may begin with a byte order mark', async () => {
    rig.send('marked', `\uFEFF${JSON.stringify(EXAMPLE)}`);
    expect((await rig.replyTo('marked')).subject).toBe('vended');
  });

  it('is answered where it asks to be, if that is allowed', async () => {
    rig.send('elsewhere', EXAMPLE, { replyTo: WORLD.queues.reply });
    expect((await rig.replyTo('elsewhere', WORLD.queues.reply)).subject).toBe('vended');
  });

  it('may be a CloudEvent, whose source and id name it', async () => {
    const event = { specversion: '1.0', source: '/onboarding', id: 'e-1', type: 'com.contoso.apikey.requested.v1' };
    rig.send('event-1', { ...event, data: EXAMPLE });
    rig.send('event-1-again', { ...event, data: EXAMPLE });
    const first = await rig.replyTo('event-1');
    const again = await rig.replyTo('event-1-again');
    expect(first.subject).toBe('vended');
    expect(again.body).toEqual(first.body);
  });

  it('that is rescheduled keeps its caller, its key and where to answer', async () => {
    const before = rig.posts().length;
    rig.fault({
      service: 'arm',
      operation: 'createApiKey',
      times: 1,
      fault: { status: 429, headers: { 'retry-after': '1' } },
    });
    rig.send('rescheduled', EXAMPLE, { replyTo: WORLD.queues.reply });
    const reply = await rig.replyTo('rescheduled', WORLD.queues.reply);
    expect(reply.subject).toBe('vended');
    expect(rig.posts().length - before).toBe(2);
    rig.send('rescheduled', EXAMPLE);
    expect(rig.posts().length - before).toBe(2);
  });

  it('cannot forge its metadata, nor lose its envelope, with fields of its body', async () => {
    const throttled = { status: 429, headers: { 'retry-after': '1' } };
    rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: throttled });
    const event = {
      specversion: '1.0',
      source: '/o',
      id: 'e-2',
      type: 'com.contoso.apikey.requested.v1',
      data: EXAMPLE,
    };
    const forged = {
      messageId: 'forged',
      replyTo: WORLD.queues.reply,
      applicationProperties: { vendCaller: 'queue:payments' },
    };
    rig.send('overlaid', { ...event, ...forged });
    expect((await rig.replyTo('overlaid')).subject).toBe('vended');
  });

  it('that cannot be served in the end is answered with its failure', async () => {
    const forbidden = { error: { code: 'Forbidden', innererror: { code: 'ForbiddenByRbac' } } };
    rig.fault({ service: 'vault', operation: 'setSecret', fault: { status: 403, body: forbidden } });
    rig.send('never', EXAMPLE);
    const reply = await rig.replyTo('never');
    expect(reply.subject).toBe('vault-unavailable');
    expect(problemOf(reply)).toMatchObject({ type: `${URN}vault-unavailable`, status: 503 });
  });

  it('whose reply cannot be sent is delivered again and answered once', async () => {
    const before = rig.posts().length;
    rig.fault({ service: 'bus', operation: 'send', times: 4, fault: { condition: 'com.microsoft:server-busy' } });
    rig.send('reply-fails', EXAMPLE);
    expect((await rig.replyTo('reply-fails')).subject).toBe('vended');
    expect(rig.posts().length - before).toBe(1);
  });
});

describe('20 requests with the first five throttled', () => {
  it('are all replied to, with 20 keys, and nobody waited less than asked', async () => {
    const retryAfterMs = 3_000;
    const before = rig.posts().length;
    const fault = { status: 429, headers: { 'retry-after': String(retryAfterMs / 1000) } };
    rig.fault({ service: 'arm', operation: 'createApiKey', times: 5, fault });
    const ids = Array.from({ length: 20 }, (_, n) => `backlog-${n}`);
    for (const id of ids) rig.send(id, { ...EXAMPLE, name: id });
    const replies = await Promise.all(ids.map((id) => rig.replyTo(id)));
    expect(replies.map(({ subject }) => subject)).toEqual(Array(20).fill('vended'));
    const posts = rig.posts().slice(before);
    expect(posts).toHaveLength(25);
    expect(posts.filter(({ status }) => status === 200)).toHaveLength(20);
    for (const throttled of posts.filter(({ status }) => status === 429)) {
      const name = (throttled.body as { name: string }).name;
      const served = posts.find(({ status, body }) => status === 200 && (body as { name: string }).name === name);
      expect(Date.parse(served?.at ?? '') - Date.parse(throttled.at)).toBeGreaterThanOrEqual(retryAfterMs);
    }
  });
});

describe('a message that is no request', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['is not JSON', { body: 'hello' }, 'malformed-request'],
    ['is empty', { body: '' }, 'malformed-request'],
    ['is an array', { body: [EXAMPLE] }, 'malformed-request'],
    ['has a name twice', { body: '{"name":"a","name":"b"}' }, 'malformed-request'],
    [
      'is UTF-16',
      { bodyBase64: Buffer.from(JSON.stringify(EXAMPLE), 'utf16le').toString('base64') },
      'malformed-request',
    ],
    ['is a JSON string of the object', { body: JSON.stringify(JSON.stringify(EXAMPLE)) }, 'malformed-request'],
    ['is binary', { bodyBase64: '//4AAf8=', body: undefined }, 'malformed-request'],
    ['has an unknown field', { body: { ...EXAMPLE, environment: 'x' } }, 'invalid-request'],
    [
      'is a CloudEvent of another type',
      { body: { specversion: '1.0', source: 's', id: 'i', type: 'x.y', data: EXAMPLE } },
      'invalid-request',
    ],
    [
      'asks for a reply to a queue that is not allowed',
      { body: EXAMPLE, replyTo: 'vend-requests' },
      'reply-not-allowed',
    ],
    [
      'pretends to be a retry message',
      {
        body: {
          envelope: FORGED,
          work: { kind: 'operation', key: { kind: 'key', key: 'k' }, operation: EXAMPLE },
        },
      },
      'invalid-request',
    ],
    ['claims our marker', { body: { ...EXAMPLE, description: 'vend:x.1.y' } }, 'invalid-request'],
  ])('because it %s is answered with its body and mints nothing', async (what, message, problem) => {
    const before = rig.posts().length;
    const messageId = `bad ${what}`;
    const { body, ...rest } = message;
    rig.sandbox.azure.broker.enqueue(WORLD.queues.request, { messageId, body, ...rest });
    const reply = await rig.replyTo(messageId);
    expect(reply.subject).toBe(problem);
    expect(problemOf(reply)).toMatchObject({ type: `${URN}${problem}`, rejected: { truncated: false } });
    expect(rig.posts()).toHaveLength(before);
  });

  it('because it has no id is answered, and mints nothing', async () => {
    const before = rig.replies().length;
    rig.send(undefined, EXAMPLE);
    const reply = await until(() => rig.replies()[before]);
    expect(reply.subject).toBe('idempotency-key-required');
  });

  it('on the retry queue, without an envelope, is answered too', async () => {
    rig.sandbox.azure.broker.enqueue(WORLD.queues.retry, { messageId: 'forged', body: EXAMPLE });
    expect((await rig.replyTo('forged')).subject).toBe('invalid-request');
  });

  it('leaves no dead letter behind', () => {
    for (const queue of Object.values(WORLD.queues)) {
      expect(rig.sandbox.azure.broker.view(queue)?.deadLetters).toEqual([]);
    }
  });
});
