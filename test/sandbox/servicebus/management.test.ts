import { describe, expect, it } from 'vitest';
import { expectNothing, PLAIN, receiveOne, useBroker } from './rig.ts';

const rig = useBroker({ name: 'q' }, { name: 'dedup', duplicateDetectionWindowMs: 60_000 });
const inOneHour = () => new Date(Date.now() + 3_600_000);

describe('peek', () => {
  it('shows messages in any state without touching them, and goes on where it stopped', async () => {
    await rig.client.createSender('q').sendMessages([
      { body: 'a', messageId: 'a' },
      { body: 'b', messageId: 'b' },
      { body: 'c', messageId: 'c', scheduledEnqueueTimeUtc: inOneHour() },
    ]);
    const receiver = rig.client.createReceiver('q', PLAIN);
    const locked = await receiveOne(receiver);
    const first = await receiver.peekMessages(2);
    const rest = await receiver.peekMessages(2);
    expect([...first, ...rest].map(({ body, state }) => [body, state])).toEqual([
      ['a', 'active'],
      ['b', 'active'],
      ['c', 'scheduled'],
    ]);
    expect(await receiver.peekMessages(1)).toEqual([]);
    expect(first[0]?.lockToken).toBeUndefined();
    await receiver.completeMessage(locked);
    expect(rig.broker.view('q')?.messages).toHaveLength(2);
  });

  it('works on an empty queue and on dead letters', async () => {
    const receiver = rig.client.createReceiver('q', PLAIN);
    expect(await receiver.peekMessages(10)).toEqual([]);
    await rig.client.createSender('q').sendMessages({ body: 'a', messageId: 'a' });
    await receiver.deadLetterMessage(await receiveOne(receiver), {
      deadLetterReason: 'why',
      deadLetterErrorDescription: 'because',
    });
    const letters = await rig.client.createReceiver('q', { subQueueType: 'deadLetter' }).peekMessages(10);
    expect(letters).toMatchObject([{ body: 'a', deadLetterReason: 'why', deadLetterSource: 'q' }]);
  });
});

describe('schedule', () => {
  it('numbers messages, keeps them hidden until they are due, and lets them be cancelled before', async () => {
    const sender = rig.client.createSender('q');
    const numbers = await sender.scheduleMessages([{ body: 'a' }, { body: 'b' }], inOneHour());
    expect(numbers.map((number) => number.toNumber())).toEqual([1, 2]);
    const receiver = rig.client.createReceiver('q', { ...PLAIN, receiveMode: 'receiveAndDelete' });
    await expectNothing(receiver);
    await sender.cancelScheduledMessages(numbers.slice(0, 1));
    await expect(sender.cancelScheduledMessages(numbers.slice(0, 1))).rejects.toMatchObject({
      code: 'MessageNotFound',
    });
    rig.elapse(3_600_001);
    expect((await receiveOne(receiver)).body).toBe('b');
    await expectNothing(receiver);
  });

  it('drops duplicates silently', async () => {
    const sender = rig.client.createSender('dedup');
    await sender.scheduleMessages({ body: 'a', messageId: 'x' }, inOneHour());
    await sender.scheduleMessages({ body: 'b', messageId: 'x' }, inOneHour());
    await sender.sendMessages({ body: 'c', messageId: 'x' });
    expect(rig.broker.view('dedup')?.messages.map(({ body }) => body)).toEqual(['a']);
  });
});
