import { ServiceBusClient } from '@azure/service-bus';
import { describe, expect, it } from 'vitest';
import { expectNothing, PLAIN, receiveOne, useBroker } from './rig.ts';

const rig = useBroker({ name: 'q' }, { name: 'dedup', duplicateDetectionWindowMs: 60_000 });

describe('single messages', () => {
  it('arrive with everything that their sender gave and the service adds', async () => {
    const before = Date.now();
    await rig.client.createSender('q').sendMessages({
      body: { hello: 'wörld' },
      messageId: 'm1',
      correlationId: 'c1',
      subject: 's',
      replyTo: 'results',
      contentType: 'application/json',
      applicationProperties: { text: 't', number: 7, fraction: 1.5, yes: true, when: new Date(1_700_000_000_000) },
    });
    const received = await receiveOne(rig.client.createReceiver('q'));
    expect(received).toMatchObject({
      body: { hello: 'wörld' },
      messageId: 'm1',
      correlationId: 'c1',
      subject: 's',
      replyTo: 'results',
      contentType: 'application/json',
      applicationProperties: { text: 't', number: 7, fraction: 1.5, yes: true, when: 1_700_000_000_000 },
      deliveryCount: 0,
      state: 'active',
    });
    expect(received.sequenceNumber?.toNumber()).toBe(1);
    expect(received.enqueuedTimeUtc?.getTime()).toBeGreaterThanOrEqual(before);
    expect(received.lockedUntilUtc?.getTime()).toBeGreaterThanOrEqual(before + 60_000);
    expect(received.lockToken).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ['text', 'just text', 'just text'],
    ['bytes that are not UTF-8', Buffer.from([0xff, 0xfe, 0x00]), Buffer.from([0xff, 0xfe, 0x00])],
    ['broken JSON', Buffer.from('{"a":'), Buffer.from('{"a":')],
    ['nothing', undefined, null],
    ['a number', 42, 42],
  ])('keep a body of %s', async (_what, body, expected) => {
    await rig.client.createSender('q').sendMessages({ body });
    expect((await receiveOne(rig.client.createReceiver('q', PLAIN))).body).toEqual(expected);
  });

  it('keep a body that is an AMQP value or sequence', async () => {
    const sender = rig.client.createSender('q');
    await sender.sendMessages({ body: 'plain value', bodyType: 'value' });
    await sender.sendMessages({ body: [1, 'two'], bodyType: 'sequence' });
    const receiver = rig.client.createReceiver('q', { receiveMode: 'receiveAndDelete' });
    expect((await receiveOne(receiver)).body).toBe('plain value');
    expect((await receiveOne(receiver)).body).toEqual([1, 'two']);
  });

  it('span several frames up to the size limit and are refused above it', async () => {
    const sender = rig.client.createSender('q');
    const body = Buffer.alloc(200_000, 'x');
    await sender.sendMessages({ body });
    expect((await receiveOne(rig.client.createReceiver('q', PLAIN))).body).toEqual(body);
    await expect(sender.sendMessages({ body: Buffer.alloc(262_144) })).rejects.toMatchObject({
      code: 'MessageSizeExceeded',
    });
    expect(rig.broker.view('q')?.messages).toHaveLength(1);
  });
});

describe('batches', () => {
  it('arrive as the single messages that they hold', async () => {
    const sender = rig.client.createSender('q');
    const batch = await sender.createMessageBatch();
    expect(batch.maxSizeInBytes).toBe(262_144);
    for (let i = 0; i < 3; i++) expect(batch.tryAddMessage({ body: i, messageId: `m${i}` })).toBe(true);
    await sender.sendMessages(batch);
    await sender.sendMessages([{ body: 3, applicationProperties: { last: true } }]);
    const view = rig.broker.view('q')?.messages;
    expect(view?.map(({ body, messageId }) => [body, messageId])).toEqual([
      [0, 'm0'],
      [1, 'm1'],
      [2, 'm2'],
      [3, undefined],
    ]);
    expect(view?.[3]?.applicationProperties).toEqual({ last: true });
  });
});

describe('duplicates', () => {
  it('are accepted and dropped within the window, in batches and across senders too', async () => {
    const sender = rig.client.createSender('dedup');
    await sender.sendMessages({ body: 'first', messageId: 'x' });
    await sender.sendMessages({ body: 'again', messageId: 'x' });
    await rig.client.createSender('dedup').sendMessages([
      { body: 'thrice', messageId: 'x' },
      { body: 'other', messageId: 'y' },
    ]);
    rig.elapse(60_000);
    await sender.sendMessages({ body: 'later', messageId: 'x' });
    expect(rig.broker.view('dedup')?.messages.map(({ body }) => body)).toEqual(['first', 'other', 'later']);
  });
});

describe('scheduled messages', () => {
  it('stay hidden until they are due', async () => {
    const scheduledEnqueueTimeUtc = new Date(Date.now() + 3_600_000);
    await rig.client.createSender('q').sendMessages({ body: 'later', messageId: 'm', scheduledEnqueueTimeUtc });
    expect(rig.broker.view('q')?.messages).toMatchObject([
      { state: 'scheduled', scheduledEnqueueTimeUtc: scheduledEnqueueTimeUtc.toISOString() },
    ]);
    const receiver = rig.client.createReceiver('q', PLAIN);
    await expectNothing(receiver);
    rig.elapse(3_600_001);
    const received = await receiveOne(receiver);
    expect(received).toMatchObject({ body: 'later', scheduledEnqueueTimeUtc });
    expect(received.enqueuedTimeUtc?.getTime()).toBeGreaterThanOrEqual(scheduledEnqueueTimeUtc.getTime());
  });

  it('reach a receiver that is already waiting when their time comes', async () => {
    const waiting = receiveOne(rig.client.createReceiver('q'));
    const scheduledEnqueueTimeUtc = new Date(Date.now() + 300);
    await rig.client.createSender('q').sendMessages({ body: 'soon', messageId: 'm', scheduledEnqueueTimeUtc });
    expect((await waiting).body).toBe('soon');
    expect(Date.now()).toBeGreaterThanOrEqual(scheduledEnqueueTimeUtc.getTime());
  });
});

describe('a client that must not send', () => {
  it('is told that the queue does not exist', async () => {
    await expect(rig.client.createSender('nowhere').sendMessages({ body: 1 })).rejects.toMatchObject({
      code: 'MessagingEntityNotFound',
    });
  });

  it('is refused with a wrong key', async () => {
    const connectionString = rig.broker.connectionString.replace(/SharedAccessKey=[^;]*/, 'SharedAccessKey=wrong');
    const stranger = new ServiceBusClient(connectionString, { retryOptions: { maxRetries: 0 } });
    await expect(stranger.createSender('q').sendMessages({ body: 1 })).rejects.toMatchObject({
      code: 'UnauthorizedAccess',
    });
    await stranger.close();
  });

  it('may not write to a dead-letter queue', async () => {
    await expect(rig.client.createSender('q/$DeadLetterQueue').sendMessages({ body: 1 })).rejects.toThrow(
      /dead-letter queue/,
    );
  });
});

it('finds a queue whatever the case of its name', async () => {
  await rig.client.createSender('Q').sendMessages({ body: 1 });
  expect(rig.broker.view('q')?.messages).toHaveLength(1);
});
