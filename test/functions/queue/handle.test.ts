import { beforeEach, describe, expect, it } from 'vitest';
import { liveIn, OPERATOR, revokeIn } from '../../vending/lifecycle.ts';
import { exhaustQuota, faultsAt, intentOf } from '../../vending/saga/steps.ts';
import { SETTINGS } from '../../vending/saga/vending.ts';
import { World } from '../../vending/saga/world.ts';
import { BACKOFF, only, QUEUES, REQUEST, type Sent, Service } from './service.ts';

const upstream = { service: 'bus', status: 503 } as const;
const SHARED_KEY = { ...REQUEST, idempotencyKey: 'order-1' };

let world: World;
let service: Service;

beforeEach(() => {
  world = new World();
  service = new Service(world);
});

/** Every rule of the policy holds for these queues. */
function allowQueues(...queues: string[]): void {
  const rules = SETTINGS.policy.rules.map((rule) => ({ ...rule, callers: { queues } }));
  service.settings = { ...SETTINGS, policy: { rules } };
}

const delayOf = ({ notBefore }: Sent): number => (notBefore?.getTime() ?? 0) - world.now;

describe('a reply', () => {
  it('goes to the result queue, with the result, correlated with the message', async () => {
    const { queue, message, notBefore } = only(await service.request(REQUEST, { messageId: 'm-1' }));
    expect([queue, notBefore]).toEqual(['vend-results', undefined]);
    expect(message).toMatchObject({ subject: 'vended', correlationId: 'm-1' });
    expect(JSON.parse(message.body)).toMatchObject({ status: 'vended', requestId: intentOf(world)?.id });
  });

  it.each(['vend-results', 'replies-a', 'replies-b'])('goes to %s if that is asked for', async (replyTo) => {
    const { queue, message } = only(await service.request(REQUEST, { messageId: 'm-1', replyTo }));
    expect([queue, message.subject]).toEqual([replyTo, 'vended']);
  });

  it.each(['orders', 'vend-retries', 'elsewhere'])(
    'asked for on %s is refused, and nothing minted',
    async (replyTo) => {
      const { queue, message } = only(await service.request(REQUEST, { messageId: 'm-1', replyTo }));
      expect([queue, message.subject]).toEqual(['vend-results', 'reply-not-allowed']);
      expect(world.posts).toEqual([]);
    },
  );

  it('has the id of its message, over every delivery', async () => {
    const first = only(await service.request(REQUEST, { messageId: 'm-1' }));
    expect(only(await service.request(REQUEST, { messageId: 'm-1' })).message).toEqual(first.message);
  });

  it('has it still when the message is delivered again after its key was rotated', async () => {
    const first = only(await service.request(REQUEST, { messageId: 'm-1' }));
    const { requestId } = JSON.parse(first.message.body) as { requestId: string };
    const rotated = only(await service.request({ operation: 'rotate', requestId }, { messageId: 'm-2' }));
    expect(rotated.message.subject).toBe('vended');
    expect(rotated.message.messageId).not.toBe(first.message.messageId);
    expect(only(await service.request(REQUEST, { messageId: 'm-1' })).message.messageId).toBe(first.message.messageId);
  });

  it.each([
    ['result', ['orders', 'payments']],
    ['failure', []],
  ])('with a %s has another id for another message, key or queue', async (_, queues) => {
    allowQueues(...queues);
    const replies = [
      await service.request(SHARED_KEY, { messageId: 'm-1' }),
      await service.request(SHARED_KEY, { messageId: 'm-2' }),
      await service.request(SHARED_KEY, { messageId: 'm-1' }, 'payments'),
      await service.request({ ...REQUEST, idempotencyKey: 'order-2' }, { messageId: 'm-1' }),
    ];
    expect(new Set(replies.map((sent) => only(sent).message.messageId)).size).toBe(4);
  });
});

describe('a message delivered again after its failure was answered', () => {
  const event = { specversion: '1.0', id: 'e-1', source: '/portal', type: 'x.apikey.requested.v1', data: REQUEST };
  const again = async (body: unknown): Promise<[Sent, Sent]> => {
    const asMinted = world.mintAs;
    exhaustQuota(world);
    const told = only(await service.request(body, { messageId: 'm-1' }));
    expect(told.message.subject).toBe('quota-exhausted');
    world.mintAs = asMinted;
    return [told, only(await service.request(body, { messageId: 'm-1' }))];
  };

  it.each([
    ['a request', REQUEST],
    ['an event', event],
  ])('mints nothing for %s, which it alone names, and is answered the same', async (_, body) => {
    const [told, answered] = await again(body);
    expect(answered.message).toEqual(told.message);
    expect(liveIn(world)).toEqual([]);
  });

  it('mints for an event once: its sender, told of the failure, sent another', async () => {
    await again(event);
    await service.request({ ...event, id: 'e-2' }, { messageId: 'm-2' });
    await service.request(event, { messageId: 'm-1' });
    expect(liveIn(world)).toHaveLength(1);
  });

  it('has the key that it mints after all told under an id that no failure has used up', async () => {
    const [told, answered] = await again(SHARED_KEY);
    expect(answered.message.subject).toBe('vended');
    expect(answered.message.messageId).not.toBe(told.message.messageId);
    expect(only(await service.request(SHARED_KEY, { messageId: 'm-1' })).message).toEqual(answered.message);
  });

  it('tells of the rotation that it was an order for', async () => {
    const { message } = only(await service.request(REQUEST, { messageId: 'm-0' }));
    const { requestId } = JSON.parse(message.body) as { requestId: string };
    const [told, answered] = await again({ operation: 'rotate', requestId });
    expect(answered.message.subject).toBe('vended');
    expect(answered.message.messageId).not.toBe(told.message.messageId);
  });
});

it('a message delivered again after its key was vended, and revoked since, is not answered twice', async () => {
  const { message } = only(await service.request(REQUEST, { messageId: 'm-1' }));
  const { requestId } = JSON.parse(message.body) as { requestId: string };
  await revokeIn(world, requestId, OPERATOR);
  const again = only(await service.request(REQUEST, { messageId: 'm-1' })).message;
  expect([again.subject, again.messageId]).toEqual(['revoked', message.messageId]);
});

describe('a message that is no request', () => {
  const reject = async (body: unknown, metadata: Record<string, unknown> = {}, queue = 'orders') =>
    only(
      await service.request(body, { messageId: 'm-1', sequenceNumber: 1, replyTo: 'replies-a', ...metadata }, queue),
    );

  it('is answered on the result queue alone', async () => {
    const { queue, message } = await reject('no JSON');
    expect(queue).toBe('vend-results');
    expect(message).toMatchObject({ subject: 'malformed-request', correlationId: 'm-1' });
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
});

describe('a caller', () => {
  it('is the queue that the message came on, and policy judges it', async () => {
    await service.request(REQUEST, { messageId: 'm-1' });
    expect(intentOf(world)?.caller).toBe('queue:orders');
    expect(only(await service.request(REQUEST, { messageId: 'm-1' }, 'payments')).message.subject).toBe('forbidden');
  });

  it('and its request are the same for the copy of its message', async () => {
    world.fault = faultsAt({ mint: { 1: 'refused' } });
    const copy = only(await service.request(REQUEST, { messageId: 'm-1', replyTo: 'replies-b' }));
    expect(copy.queue).toBe('vend-retries');
    world.now += 7_000;
    const { queue, message } = only(await service.retry(copy.message));
    expect([queue, message.subject, message.correlationId]).toEqual(['replies-b', 'vended', 'm-1']);
    expect(world.rows.size).toBe(1);
    expect(intentOf(world)).toMatchObject({ caller: 'queue:orders', attempt: 2 });
  });
});

describe('a request that cannot be served now', () => {
  /** Delivers copy after copy until something else is sent. */
  async function exhaust(first: Sent[]): Promise<{ delays: number[]; end: Sent }> {
    const delays: number[] = [];
    let sent = only(first);
    while (sent.queue === QUEUES.retryQueue && delays.length < 20) {
      delays.push(delayOf(sent));
      sent = only(await service.retry(sent.message));
    }
    return { delays, end: sent };
  }

  it('is put off for longer and longer, to a limit, and answered when its attempts are used up', async () => {
    world.writable = false;
    const { delays, end } = await exhaust(await service.request(REQUEST, { messageId: 'm-1' }));
    expect(delays).toEqual([5_000, 10_000, 20_000, 30_000, 30_000, 30_000]);
    expect(end).toMatchObject({
      queue: 'vend-results',
      message: { subject: 'vault-unavailable', correlationId: 'm-1' },
    });
  });

  it('has its key told though its last copy is delivered again after the failure', async () => {
    world.writable = false;
    let last = only(await service.request(REQUEST, { messageId: 'm-1' }));
    for (let n = 1; n < BACKOFF.maxAttempts; n++) last = only(await service.retry(last.message));
    const told = only(await service.retry(last.message));
    expect(told.message.subject).toBe('vault-unavailable');
    world.writable = true;
    const again = only(await service.retry(last.message));
    expect(again.message.subject).toBe('vended');
    expect(again.message.messageId).not.toBe(told.message.messageId);
  });

  it.each([
    [4_000, 5_000],
    [90_000, 90_000],
  ])('with a Retry-After of %i ms waits %i ms', async (retryAfterMs, expected) => {
    world.mintAs = () => ({ kind: 'throttled', retryAfterMs, upstream: { service: 'arm', status: 429 } });
    expect(delayOf(only(await service.request(REQUEST, { messageId: 'm-1' })))).toBe(expected);
  });

  it('is answered at once where trying again would change nothing', async () => {
    world.mintAs = () => ({ kind: 'ambiguous', upstream: { service: 'arm', status: 500 } });
    const { queue, message } = only(await service.request(REQUEST, { messageId: 'm-1' }));
    expect([queue, message.subject]).toEqual(['vend-results', 'outcome-unknown']);
  });

  it('waits out a pause, which uses up no attempt, even after its last one', async () => {
    world.writable = false;
    let copy = only(await service.request(REQUEST, { messageId: 'm-1' }));
    for (let n = 1; n < BACKOFF.maxAttempts; n++) copy = only(await service.retry(copy.message));
    service.settings = { ...SETTINGS, mode: 'paused' };
    for (let n = 0; n < 3; n++) copy = only(await service.retry(copy.message));
    expect([copy.queue, delayOf(copy)]).toEqual(['vend-retries', 60_000]);
    service.settings = SETTINGS;
    expect(only(await service.retry(copy.message)).message.subject).toBe('vault-unavailable');
  });

  it('has all its attempts after a pause', async () => {
    service.settings = { ...SETTINGS, mode: 'paused' };
    const copy = only(await service.request(REQUEST, { messageId: 'm-1' }));
    service.settings = SETTINGS;
    world.writable = false;
    expect((await exhaust(await service.retry(copy.message))).delays).toHaveLength(BACKOFF.maxAttempts);
  });
});

describe('a delayed copy', () => {
  const copyOf = async (body: unknown, messageId: string, queue = 'orders') =>
    only(await service.request(body, { messageId }, queue)).message;

  beforeEach(() => {
    world.writable = false;
  });

  it('has one id over every delivery of its message, and another for another message, key, queue or copy', async () => {
    allowQueues('orders', 'payments');
    const copy = await copyOf(SHARED_KEY, 'm-1');
    expect(await copyOf(SHARED_KEY, 'm-1')).toEqual(copy);
    const others = [
      await copyOf(SHARED_KEY, 'm-2'),
      await copyOf({ ...REQUEST, idempotencyKey: 'order-2' }, 'm-1'),
      await copyOf(SHARED_KEY, 'm-1', 'payments'),
      only(await service.retry(copy)).message,
    ];
    expect(new Set([copy.messageId, ...others.map(({ messageId }) => messageId)]).size).toBe(5);
  });

  it('carries the validated request and no more of a large event', async () => {
    const event = {
      specversion: '1.0',
      id: 'e-1',
      source: '/portal',
      type: 'com.example.apikey.requested.v1',
      data: REQUEST,
      padding: 'x'.repeat(200_000),
    };
    const copy = await copyOf(event, 'm-1');
    expect(JSON.parse(copy.body)).toMatchObject({ work: REQUEST, envelope: { key: { kind: 'ce', id: 'e-1' } } });
    expect(copy.body.length).toBeLessThan(2_000);
    world.writable = true;
    expect(only(await service.retry(copy)).message.subject).toBe('vended');
  });

  it('is held to the reply queues that are allowed when it comes, and rejected in the name of its message', async () => {
    const copy = only(await service.request(REQUEST, { messageId: 'm-1', replyTo: 'replies-a' })).message;
    service.queues = { ...service.queues, replyQueues: ['replies-b'] };
    world.writable = true;
    const { queue, message } = only(await service.retry(copy));
    expect(queue).toBe('vend-results');
    expect(message).toMatchObject({ subject: 'reply-not-allowed', correlationId: 'm-1' });
    expect(world.posts).toEqual([]);
  });

  it('of a request that is no longer valid is rejected in the name of its message', async () => {
    const copy = await copyOf(REQUEST, 'm-1');
    const body = JSON.stringify({ ...JSON.parse(copy.body), work: {} });
    const { queue, message } = only(await service.retry({ ...copy, body }));
    expect(queue).toBe('vend-results');
    expect(message).toMatchObject({ subject: 'invalid-request', correlationId: 'm-1' });
  });

  it('is believed on the retry queue alone', async () => {
    const copy = await copyOf(REQUEST, 'm-1');
    const forged = only(await service.request(JSON.parse(copy.body), { messageId: 'm-2' }));
    expect(forged).toMatchObject({ queue: 'vend-results', message: { subject: 'invalid-request' } });
    const stray = only(await service.retry({ ...copy, body: JSON.stringify(REQUEST) }));
    expect(stray).toMatchObject({ queue: 'vend-results', message: { subject: 'invalid-request' } });
  });
});

describe('a dead letter that is sent again as infra/RUNBOOK.md says', () => {
  const event = { specversion: '1.0', id: 'e-1', source: '/portal', type: 'x.apikey.requested.v1', data: REQUEST };

  /** Its key is vended, and then nobody can be told of it. */
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
    expect(only(await service.request(body, { messageId })).message.subject).toBe('vended');
    expect(world.posts).toHaveLength(1);
  });

  it.each([
    ['another messageId', REQUEST, 'm-2'],
    ['its messageId for an idempotencyKey', { ...REQUEST, idempotencyKey: 'm-1' }, 'm-2'],
  ])('under %s would be another request', async (_, body, messageId) => {
    await abandon(REQUEST);
    await service.request(body, { messageId });
    expect(world.posts).toHaveLength(2);
  });

  it.each([
    ['msg', REQUEST, 'm-1'],
    ['key', SHARED_KEY, 'm-2'],
    ['ce', event, 'm-2'],
  ])('from the retry queue, named by %s, is put together from envelope and work', async (kind, body, messageId) => {
    world.writable = false;
    const { message } = only(await service.request(body, { messageId: 'm-1', replyTo: 'replies-a' }));
    const { envelope, work } = JSON.parse(message.body);
    expect(envelope).toMatchObject({ origin: 'sender', caller: 'queue:orders', replyTo: 'replies-a', key: { kind } });
    if (kind === 'msg') expect(envelope.key.messageId).toBe(messageId);
    world.writable = true;
    await service.retry(message);
    const { id, source } = envelope.key;
    const again = kind === 'ce' ? { ...event, id, source, data: work } : work;
    expect(only(await service.request(again, { messageId })).message.subject).toBe('vended');
    expect(world.posts).toHaveLength(1);
  });
});

describe.each([
  ['a reply', true, 'reply-not-sent'],
  ['a delayed copy', false, 'copy-not-sent'],
])('%s that is not sent', (_, writable, event) => {
  beforeEach(() => {
    world.writable = writable;
  });

  it('is tried again after a pause', async () => {
    service.messenger.fate = () => (service.messenger.tries <= 2 ? { kind: 'not-sent', upstream } : { kind: 'sent' });
    const before = world.now;
    expect(await service.request(REQUEST, { messageId: 'm-1' })).toHaveLength(1);
    expect(world.now - before).toBe(3_000);
    expect(service.logged.filter((line) => line.includes(event))).toHaveLength(2);
  });

  it('abandons its message in the end', async () => {
    service.messenger.fate = () => ({ kind: 'not-sent', upstream });
    const before = world.now;
    await expect(service.request(REQUEST, { messageId: 'm-1' })).rejects.toThrow('is abandoned');
    expect([service.messenger.tries, world.now - before]).toEqual([6, 38_000]);
  });

  it('abandons its message with an error of ours, without a word of a defect’s', async () => {
    service.messenger.fate = () => {
      throw new Error('cflt/secret');
    };
    const error: unknown = await service.request(REQUEST, { messageId: 'm-1' }).catch((thrown: unknown) => thrown);
    expect(error).toEqual(new Error('The message could not be answered and is abandoned.'));
    expect(error).not.toHaveProperty('cause');
    expect(service.logged.join()).toContain('message-abandoned');
    expect(service.logged.join()).not.toContain('cflt');
  });
});
