import { describe, expect, it } from 'vitest';
import { expectNothing, PLAIN, receiveOne, useBroker } from './rig.ts';

const rig = useBroker({ name: 'q', maxDeliveryCount: 3 }, { name: 'brief', lockDurationMs: 1_500 });

const send = (body: unknown, queue = 'q') =>
  rig.client.createSender(queue).sendMessages({ body, messageId: String(body) });
const deadLetterReceiver = () => rig.client.createReceiver('q', { subQueueType: 'deadLetter', ...PLAIN });

describe('peek-lock', () => {
  it('holds a message locked until it is completed', async () => {
    await send('a');
    const receiver = rig.client.createReceiver('q');
    const message = await receiveOne(receiver);
    expect(rig.broker.view('q')?.messages).toMatchObject([{ state: 'locked' }]);
    await receiver.completeMessage(message);
    expect(rig.broker.view('q')).toEqual({ messages: [], deadLetters: [] });
    await expectNothing(receiver);
  });

  it('redelivers an abandoned message with its count and the properties added', async () => {
    await send('a');
    const receiver = rig.client.createReceiver('q');
    await receiver.abandonMessage(await receiveOne(receiver), { attempt: 'one' });
    const again = await receiveOne(receiver);
    expect(again).toMatchObject({ body: 'a', deliveryCount: 1, applicationProperties: { attempt: 'one' } });
  });

  it('dead-letters a message after its last delivery', async () => {
    await send('a');
    const receiver = rig.client.createReceiver('q');
    for (let i = 0; i < 3; i++) await receiver.abandonMessage(await receiveOne(receiver));
    await expectNothing(receiver);
    const letter = await receiveOne(deadLetterReceiver());
    expect(letter).toMatchObject({ deadLetterReason: 'MaxDeliveryCountExceeded', deadLetterSource: 'q' });
  });

  it('dead-letters with reason, description and properties, and lets the dead letter be completed', async () => {
    await send('a');
    const receiver = rig.client.createReceiver('q');
    await receiver.deadLetterMessage(await receiveOne(receiver), {
      deadLetterReason: 'bad',
      deadLetterErrorDescription: 'very bad',
      extra: 'kept',
    });
    expect(rig.broker.view('q')).toMatchObject({
      messages: [],
      deadLetters: [{ body: 'a', deadLetterReason: 'bad', deadLetterDescription: 'very bad' }],
    });
    const letters = deadLetterReceiver();
    const letter = await receiveOne(letters);
    expect(letter).toMatchObject({
      deadLetterReason: 'bad',
      deadLetterErrorDescription: 'very bad',
      applicationProperties: { extra: 'kept' },
    });
    await letters.completeMessage(letter);
    expect(rig.broker.view('q')?.deadLetters).toEqual([]);
  });

  it('dead-letters without a reason', async () => {
    await send('a');
    const receiver = rig.client.createReceiver('q');
    await receiver.deadLetterMessage(await receiveOne(receiver));
    expect(rig.broker.view('q')?.deadLetters).toMatchObject([{ applicationProperties: {} }]);
  });

  it('refuses deferral, which the sandbox does not emulate', async () => {
    await send('a');
    const receiver = rig.client.createReceiver('q');
    await expect(receiver.deferMessage(await receiveOne(receiver))).rejects.toThrow(/deferred/);
  });
});

describe('locks', () => {
  it('lapse: the message goes to the next receiver, and the late settlement is refused', async () => {
    await send('a');
    const slow = rig.client.createReceiver('q', PLAIN);
    const late = await receiveOne(slow);
    rig.broker.expireLocks('q');
    const next = rig.client.createReceiver('q', PLAIN);
    const again = await receiveOne(next);
    expect(again.deliveryCount).toBe(1);
    await expect(slow.completeMessage(late)).rejects.toMatchObject({ code: 'MessageLockLost' });
    await expect(slow.renewMessageLock(late)).rejects.toMatchObject({ code: 'MessageLockLost' });
    await next.completeMessage(again);
    expect(rig.broker.view('q')?.messages).toEqual([]);
  });

  it('lapse by themselves, and a waiting receiver gets the message', async () => {
    await send('a', 'brief');
    await receiveOne(rig.client.createReceiver('brief', PLAIN));
    expect((await receiveOne(rig.client.createReceiver('brief', PLAIN))).deliveryCount).toBe(1);
  });

  it('are prolonged by renewal', async () => {
    await send('a');
    const receiver = rig.client.createReceiver('q', PLAIN);
    const message = await receiveOne(receiver);
    rig.elapse(50_000);
    const until = await receiver.renewMessageLock(message);
    expect(until.getTime()).toBeGreaterThanOrEqual(Date.now() + 100_000);
    rig.elapse(50_000);
    await receiver.completeMessage(message);
  });

  it('are renewed by the client itself for as long as it works', async () => {
    await send('a', 'brief');
    const receiver = rig.client.createReceiver('brief');
    const message = await receiveOne(receiver);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await receiver.completeMessage(message);
    expect(rig.broker.view('brief')?.messages).toEqual([]);
  });

  it('outlive their receiver: nobody else gets the message before their time is over', async () => {
    await send('a');
    const receiver = rig.client.createReceiver('q', PLAIN);
    await receiveOne(receiver);
    await receiver.close();
    const next = rig.client.createReceiver('q', PLAIN);
    await expectNothing(next);
    expect(rig.broker.view('q')?.messages).toMatchObject([{ state: 'locked', deliveryCount: 0 }]);
    rig.elapse(60_000);
    expect((await receiveOne(next)).deliveryCount).toBe(1);
  });
});

describe('receive-and-delete', () => {
  it('removes what it delivers, with a message id or without', async () => {
    await rig.client.createSender('q').sendMessages([{ body: 1, messageId: 'm' }, { body: 2 }]);
    const receiver = rig.client.createReceiver('q', { receiveMode: 'receiveAndDelete' });
    expect([(await receiveOne(receiver)).body, (await receiveOne(receiver)).body]).toEqual([1, 2]);
    expect(rig.broker.view('q')).toEqual({ messages: [], deadLetters: [] });
  });

  it('takes no more than it asked for', async () => {
    for (let i = 0; i < 5; i++) await send(i);
    const receiver = rig.client.createReceiver('q', { receiveMode: 'receiveAndDelete' });
    expect(await receiver.receiveMessages(2)).toHaveLength(2);
    await receiver.close();
    expect(rig.broker.view('q')?.messages.map(({ body }) => body)).toEqual([2, 3, 4]);
  });
});

describe('several receivers', () => {
  it('get different messages', async () => {
    await rig.client.createSender('q').sendMessages(Array.from({ length: 10 }, (_, i) => ({ body: i })));
    const receivers = [rig.client.createReceiver('q', PLAIN), rig.client.createReceiver('q', PLAIN)];
    const waiting = receivers.map((receiver) => receiver.receiveMessages(5, { maxWaitTimeInMs: 10_000 }));
    const shares = (await Promise.all(waiting)).map((messages) => messages.map(({ body }) => Number(body)));
    expect(shares.map((share) => share.length)).toEqual([5, 5]);
    expect(shares.flat().sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('get nothing once they have waited in vain, and lose nothing that comes later', async () => {
    const receiver = rig.client.createReceiver('q', PLAIN);
    for (let i = 0; i < 5; i++) await expectNothing(receiver);
    await send('a');
    expect((await receiveOne(receiver)).deliveryCount).toBe(0);
  });
});

it('settles more messages on one link than fit its buffers', async () => {
  const count = 3_000;
  const sender = rig.client.createSender('q');
  for (let i = 0; i < count; i += 500)
    await sender.sendMessages(Array.from({ length: 500 }, (_, j) => ({ body: i + j, messageId: `m${i + j}` })));
  const receiver = rig.client.createReceiver('q', PLAIN);
  let completed = 0;
  while (completed < count) {
    const messages = await receiver.receiveMessages(500);
    await Promise.all(messages.map((message) => receiver.completeMessage(message)));
    completed += messages.length;
  }
  expect(rig.broker.view('q')).toEqual({ messages: [], deadLetters: [] });
});

it('says that a queue does not exist', async () => {
  await expect(rig.client.createReceiver('nowhere').receiveMessages(1)).rejects.toMatchObject({
    code: 'MessagingEntityNotFound',
  });
});

it('has no sessions', async () => {
  await expect(rig.client.acceptNextSession('q')).rejects.toThrow(/does not support sessions/);
});
