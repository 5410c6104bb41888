import { expect, it } from 'vitest';
import { PLAIN, receiveOne, useBroker } from './rig.ts';

const rig = useBroker({ name: 'q', duplicateDetectionWindowMs: 60_000 }, { name: 'other' });

it('enqueues text as it is, other values as JSON and base64 as bytes', async () => {
  rig.broker.enqueue('other', { body: 'text {' });
  rig.broker.enqueue('other', { body: { a: [1] } });
  rig.broker.enqueue('other', { body: null, bodyBase64: '/w==' });
  const receiver = rig.client.createReceiver('other', { receiveMode: 'receiveAndDelete', skipParsingBodyAsJson: true });
  const received = await receiver.receiveMessages(3, { maxWaitTimeInMs: 5_000 });
  expect(received.map(({ body }) => String(body))).toEqual(['text {', '{"a":[1]}', Buffer.from([0xff]).toString()]);
});

it('sets the properties given and no others', async () => {
  const shown = { messageId: 'm', replyTo: 'r', contentType: 'c', subject: 's', correlationId: 'i' };
  const properties = { ...shown, replyToSessionId: 't' };
  rig.broker.enqueue('other', { body: 1, ...properties, timeToLiveMs: 60_000, applicationProperties: { p: 'v' } });
  const receiver = rig.client.createReceiver('other', PLAIN);
  const received = await receiveOne(receiver);
  expect(received).toMatchObject({ ...properties, timeToLive: 60_000, applicationProperties: { p: 'v' } });
  expect(rig.broker.view('other')?.messages).toMatchObject([{ ...shown, applicationProperties: { p: 'v' } }]);
  rig.broker.enqueue('other', { body: 2 });
  const bare = await receiveOne(receiver);
  expect([bare.messageId, bare.replyTo, bare.applicationProperties]).toEqual([undefined, undefined, undefined]);
});

it('tells duplicates and unknown queues', () => {
  expect(rig.broker.enqueue('q', { body: 1, messageId: 'x' })).toBe('enqueued');
  expect(rig.broker.enqueue('q', { body: 2, messageId: 'x' })).toBe('duplicate');
  expect(rig.broker.enqueue('nowhere', { body: 1 })).toBe('no-such-queue');
  expect(rig.broker.view('nowhere')).toBeUndefined();
  expect(rig.broker.queueNames()).toEqual(['q', 'other']);
});

it('shows bodies that are JSON, text, bytes and AMQP values', async () => {
  const sender = rig.client.createSender('other');
  await sender.sendMessages([{ body: { a: 1 } }, { body: Buffer.from('plain') }, { body: Buffer.from([0xff, 0x00]) }]);
  await sender.sendMessages({ body: 'value', bodyType: 'value' });
  const bodies = rig.broker.view('other')?.messages.map(({ body }) => body);
  expect(bodies).toEqual([{ a: 1 }, 'plain', { base64: '/wA=' }, 'value']);
});

it('redelivers a completed message under its old id, past duplicate detection', async () => {
  await rig.client.createSender('q').sendMessages({ body: 'a', messageId: 'x', applicationProperties: { p: 1 } });
  const receiver = rig.client.createReceiver('q', PLAIN);
  await receiver.completeMessage(await receiveOne(receiver));
  expect(rig.broker.redeliver('q', 'x')).toBe(true);
  expect(await receiveOne(receiver)).toMatchObject({
    body: 'a',
    messageId: 'x',
    deliveryCount: 0,
    applicationProperties: { p: 1 },
  });
  expect(rig.broker.redeliver('q', 'never-seen')).toBe(false);
});
