import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FaultPlan } from '../../../src/sandbox/kit/faults.ts';
import { type ServiceBusBroker, startBroker } from '../../../src/sandbox/servicebus/index.ts';

const faults = new FaultPlan();
let broker: ServiceBusBroker;
let client: ServiceBusClient;
let ahead = 0;
beforeAll(async () => {
  broker = await startBroker({
    ...{ faults, queues: [{ name: 'q' }], now: () => Date.now() + ahead },
    topics: [{ name: 'News', subscriptions: ['first', 'second'] }],
  });
  client = new ServiceBusClient(broker.connectionString, { retryOptions: { maxRetries: 0 } });
});
afterAll(async () => {
  await client.close();
  await broker.close();
});

const held = (subscription: string): unknown[] =>
  broker.view(`news/subscriptions/${subscription}`)?.messages.map(({ body }) => body) ?? [];

it('a topic copies what it is sent to all of its subscriptions', async () => {
  const sender = client.createSender('news');
  await sender.sendMessages({ body: { n: 1 }, messageId: 'one' });
  const batch = await sender.createMessageBatch();
  batch.tryAddMessage({ body: { n: 2 } });
  batch.tryAddMessage({ body: { n: 3 } });
  await sender.sendMessages(batch);
  expect(held('first')).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  expect(held('second')).toEqual(held('first'));
});

it('each subscription is received from by itself', async () => {
  const receiver = client.createReceiver('News', 'first', { receiveMode: 'receiveAndDelete' });
  const messages = await receiver.receiveMessages(3);
  expect(messages.map(({ body }) => body)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  expect([held('first').length, held('second').length]).toEqual([0, 3]);
});

it('a message whose time has not come waits in them, until the clock is moved', async () => {
  const scheduledEnqueueTimeUtc = new Date(Date.now() + 3_600_000);
  await client.createSender('news').sendMessages({ body: 'later', scheduledEnqueueTimeUtc });
  const receiver = client.createReceiver('news', 'first', { receiveMode: 'receiveAndDelete' });
  expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 100 })).toEqual([]);
  const waiting = receiver.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
  ahead = 3_600_001;
  broker.catchUp();
  expect((await waiting).map(({ body }) => body)).toEqual(['later']);
});

it('cannot be received from itself, nor does a subscription exist that nobody made', async () => {
  await expect(client.createReceiver('news').receiveMessages(1)).rejects.toThrow(/subscriptions of a topic/);
  await expect(client.createReceiver('news', 'third').receiveMessages(1)).rejects.toMatchObject({
    code: 'MessagingEntityNotFound',
  });
});

it('suffers the faults of the plan', async () => {
  faults.add({ service: 'bus', operation: 'send', times: 1, fault: { condition: 'com.microsoft:server-busy' } });
  const sender = client.createSender('news');
  await expect(sender.sendMessages({ body: 1 })).rejects.toMatchObject({ code: 'ServiceBusy' });
  await sender.sendMessages({ body: 2 });
});
