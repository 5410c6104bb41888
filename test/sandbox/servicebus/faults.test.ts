import { ServiceBusClient } from '@azure/service-bus';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FaultEffect } from '../../../src/sandbox/kit/faults.ts';
import { PLAIN, receiveOne, useBroker } from './rig.ts';

const rig = useBroker({ name: 'q' });
let retrying: ServiceBusClient;

beforeEach(() => {
  // The client notices a cut connection, but lets what was in flight run into this timeout.
  const retryOptions = { maxRetries: 3, retryDelayInMs: 20, timeoutInMs: 1_500 };
  retrying = new ServiceBusClient(rig.broker.connectionString, { retryOptions });
});
afterEach(() => retrying.close());

const fail = (operation: string, fault: FaultEffect): void =>
  void rig.faults.add({ service: 'bus', operation, times: 1, fault });
const bodies = () => rig.broker.view('q')?.messages.map(({ body }) => body);
const message = { body: 'a', messageId: 'a' };

describe('send', () => {
  it('is refused with the condition given, and nothing is enqueued', async () => {
    fail('send', { condition: 'com.microsoft:server-busy' });
    const sender = rig.client.createSender('q');
    await expect(sender.sendMessages(message)).rejects.toMatchObject({ code: 'ServiceBusy' });
    expect(bodies()).toEqual([]);
    await sender.sendMessages(message);
    expect(bodies()).toEqual(['a']);
  });

  it('fails alone among others that leave in the same breath', async () => {
    const sender = rig.client.createSender('q');
    await sender.sendMessages(message);
    rig.faults.add({ service: 'bus', operation: 'send', after: 1, times: 1, fault: { condition: 'amqp:not-allowed' } });
    const sent = await Promise.allSettled([1, 2, 3].map((body) => sender.sendMessages({ body })));
    expect(sent.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(bodies()).toEqual(['a', 1, 3]);
  });

  it('is cut before it takes effect: the client tries again and one message arrives', async () => {
    fail('send', { drop: 'before' });
    await retrying.createSender('q').sendMessages(message);
    expect(bodies()).toEqual(['a']);
  });

  it('is cut after it took effect: the client tries again and two messages arrive', async () => {
    fail('send', { drop: 'after' });
    await retrying.createSender('q').sendMessages(message);
    expect(bodies()).toEqual(['a', 'a']);
  });

  it('is delayed', async () => {
    fail('send', { delayMs: 300 });
    const before = Date.now();
    await rig.client.createSender('q').sendMessages(message);
    expect(Date.now() - before).toBeGreaterThanOrEqual(299);
  });
});

describe('schedule', () => {
  it('is refused with the condition given', async () => {
    fail('schedule', { condition: 'com.microsoft:server-busy' });
    const sender = rig.client.createSender('q');
    await expect(sender.scheduleMessages(message, new Date(Date.now() + 60_000))).rejects.toMatchObject({
      code: 'ServiceBusy',
    });
    expect(bodies()).toEqual([]);
  });
});

describe('receive', () => {
  beforeEach(() => rig.client.createSender('q').sendMessages(message));

  it('is cut after the message was locked: it comes again, counted', async () => {
    fail('receive', { drop: 'after' });
    await expect(receiveOne(rig.client.createReceiver('q', PLAIN))).rejects.toThrow();
    rig.broker.expireLocks('q');
    expect((await receiveOne(rig.client.createReceiver('q', PLAIN))).deliveryCount).toBe(1);
  });

  it('is cut after the message was deleted: it is lost', async () => {
    fail('receive', { drop: 'after' });
    const receiver = rig.client.createReceiver('q', { receiveMode: 'receiveAndDelete' });
    await expect(receiveOne(receiver)).rejects.toThrow();
    expect(bodies()).toEqual([]);
  });

  it('is cut before: the message is untouched', async () => {
    fail('receive', { drop: 'before' });
    await expect(receiveOne(rig.client.createReceiver('q', PLAIN))).rejects.toThrow();
    expect((await receiveOne(rig.client.createReceiver('q', PLAIN))).deliveryCount).toBe(0);
  });

  it('is refused by closing the link with the condition given', async () => {
    fail('receive', { condition: 'com.microsoft:server-busy' });
    await expect(receiveOne(rig.client.createReceiver('q', PLAIN))).rejects.toMatchObject({ code: 'ServiceBusy' });
    expect(bodies()).toEqual(['a']);
  });

  it('is delayed', async () => {
    fail('receive', { delayMs: 300 });
    const before = Date.now();
    await receiveOne(rig.client.createReceiver('q', PLAIN));
    expect(Date.now() - before).toBeGreaterThanOrEqual(299);
  });
});

describe('settle', () => {
  beforeEach(() => rig.client.createSender('q').sendMessages(message));

  it('is refused with the condition given, and the lock stays', async () => {
    fail('settle', { condition: 'com.microsoft:message-lock-lost' });
    const receiver = rig.client.createReceiver('q', PLAIN);
    const received = await receiveOne(receiver);
    await expect(receiver.completeMessage(received)).rejects.toMatchObject({ code: 'MessageLockLost' });
    expect(rig.broker.view('q')?.messages).toMatchObject([{ state: 'locked' }]);
  });

  it('fails alone among others of the same breath', async () => {
    await rig.client.createSender('q').sendMessages(['b', 'c'].map((body) => ({ body, messageId: body })));
    rig.faults.add({
      service: 'bus',
      operation: 'settle',
      after: 1,
      times: 1,
      fault: { condition: 'amqp:not-allowed' },
    });
    const receiver = rig.client.createReceiver('q', PLAIN);
    const received = await receiver.receiveMessages(3, { maxWaitTimeInMs: 10_000 });
    const settled = await Promise.allSettled(received.map((one) => receiver.completeMessage(one)));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(bodies()).toEqual(['b']);
  });

  it('is cut before it takes effect: the lock outlives its link, and the client settles by another', async () => {
    fail('settle', { drop: 'before' });
    const receiver = retrying.createReceiver('q', PLAIN);
    await receiver.completeMessage(await receiveOne(receiver));
    expect(bodies()).toEqual([]);
  });

  it('is cut after it took effect: the message is gone', async () => {
    fail('settle', { drop: 'after' });
    const receiver = retrying.createReceiver('q', PLAIN);
    await expect(receiver.completeMessage(await receiveOne(receiver))).rejects.toThrow();
    expect(bodies()).toEqual([]);
  });
});
