import { ServiceBusClient } from '@azure/service-bus';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMessenger } from '../../../src/azure/servicebus/messenger.ts';
import { FaultPlan } from '../../../src/sandbox/kit/faults.ts';
import { type BrokerOptions, type ServiceBusBroker, startBroker } from '../../../src/sandbox/servicebus/index.ts';
import type { OutgoingMessage } from '../../../src/vending/ports/messaging.ts';

const QUEUES: BrokerOptions['queues'] = [{ name: 'results', duplicateDetectionWindowMs: 600_000 }, { name: 'retries' }];
const MESSAGE: OutgoingMessage = {
  messageId: 'message-1',
  body: '{"name":"Größe 注文"}',
  contentType: 'application/json',
  subject: 'vended',
  correlationId: 'request-1',
  sessionId: 'portal-1',
  applicationProperties: { vendCaller: 'queue:requests', vendTry: 2, vendLast: false },
};

/** Impatient: the client notices a cut connection by this alone. */
const clientOptions = { retryOptions: { timeoutInMs: 1_000, maxRetries: 2, retryDelayInMs: 10 } };

let faults: FaultPlan;
let broker: ServiceBusBroker;
let messenger: ReturnType<typeof createMessenger>;
beforeEach(async () => {
  faults = new FaultPlan();
  broker = await startBroker({ queues: QUEUES, faults });
  messenger = createMessenger({ connectionString: broker.connectionString, clientOptions });
});
afterEach(async () => {
  await messenger.close();
  await broker.close();
});

const waiting = (queue: string) => broker.view(queue)?.messages ?? [];

it('sends every property, and the body as JSON text in UTF-8', async () => {
  expect(await messenger.send('results', MESSAGE)).toEqual({ kind: 'sent' });
  const { body: _body, sessionId, ...properties } = MESSAGE;
  expect(waiting('results')).toMatchObject([{ ...properties, body: { name: 'Größe 注文' }, state: 'active' }]);
  const client = new ServiceBusClient(broker.connectionString);
  const receiver = client.createReceiver('results', { receiveMode: 'receiveAndDelete', skipParsingBodyAsJson: true });
  const [received] = await receiver.receiveMessages(1);
  await client.close();
  expect(received?._rawAmqpMessage.bodyType).toBe('data');
  expect(received?.sessionId).toBe(sessionId);
  expect(Buffer.from(received?.body).toString('utf8')).toBe(MESSAGE.body);
});

it('passes on a body that is no JSON as it is', async () => {
  await messenger.send('results', { ...MESSAGE, body: 'not { JSON' });
  expect(waiting('results')).toMatchObject([{ body: 'not { JSON' }]);
});

it('schedules what is to come later, on the broker’s clock', async () => {
  const notBefore = new Date(Date.now() + 3_600_000);
  expect(await messenger.sendLater('retries', MESSAGE, notBefore)).toEqual({ kind: 'sent' });
  expect(waiting('retries')).toMatchObject([
    { messageId: 'message-1', state: 'scheduled', scheduledEnqueueTimeUtc: notBefore.toISOString() },
  ]);
});

it('sends many at once over one link to each queue', async () => {
  const messages = Array.from({ length: 50 }, (_none, index) => ({ ...MESSAGE, messageId: `m-${index}` }));
  const outcomes = await Promise.all(messages.map((message) => messenger.send('retries', message)));
  expect(outcomes.every(({ kind }) => kind === 'sent')).toBe(true);
  expect(waiting('retries')).toHaveLength(50);
});

it('tells which error an unknown queue is, and goes on serving the others', async () => {
  expect(await messenger.send('nowhere', MESSAGE)).toEqual({
    kind: 'not-sent',
    upstream: { service: 'bus', code: 'MessagingEntityNotFound' },
  });
  expect(await messenger.send('results', MESSAGE)).toEqual({ kind: 'sent' });
});

it('tries again while the broker is busy', async () => {
  const fault = { condition: 'com.microsoft:server-busy' };
  faults.add({ service: 'bus', operation: 'send', times: 1, fault });
  expect(await messenger.send('results', MESSAGE)).toEqual({ kind: 'sent' });
  expect(waiting('results')).toHaveLength(1);
});

it('gives up when the broker stays busy, and sends once it is not', async () => {
  faults.add({ service: 'bus', operation: 'send', fault: { condition: 'com.microsoft:server-busy' } });
  const outcome = await messenger.send('results', MESSAGE);
  expect(outcome).toEqual({ kind: 'not-sent', upstream: { service: 'bus', code: 'ServiceBusy' } });
  faults.clear();
  expect(await messenger.send('results', MESSAGE)).toEqual({ kind: 'sent' });
});

it.each(['before', 'after'] as const)('leaves one message when the connection is cut %s it was taken', async (drop) => {
  faults.add({ service: 'bus', operation: 'send', times: 1, fault: { drop } });
  expect(await messenger.send('results', MESSAGE)).toEqual({ kind: 'sent' });
  expect(waiting('results')).toHaveLength(1);
});

it('sends again what a cut connection left unanswered, with the retries that are deployed', async () => {
  const deployed = createMessenger({ connectionString: broker.connectionString });
  faults.add({ service: 'bus', operation: 'send', times: 1, fault: { drop: 'before' } });
  expect(await deployed.send('results', MESSAGE)).toEqual({ kind: 'sent' });
  expect(waiting('results')).toHaveLength(1);
  await deployed.close();
}, 60_000);

it('sends again after the broker was away', async () => {
  await messenger.send('results', MESSAGE);
  const { port } = broker;
  await broker.close();
  expect((await messenger.send('results', MESSAGE)).kind).toBe('not-sent');
  broker = await startBroker({ queues: QUEUES, faults, port });
  expect(await messenger.send('results', MESSAGE)).toEqual({ kind: 'sent' });
  expect(waiting('results')).toHaveLength(1);
});

it('is not sent where no token can be had, without a word of why in the credential’s text', async () => {
  const credential = { getToken: () => Promise.reject(new Error('client_secret=hunter2')) };
  const other = createMessenger({ fullyQualifiedNamespace: 'localhost', credential });
  const outcome = await other.send('results', MESSAGE);
  expect(outcome.kind).toBe('not-sent');
  expect(JSON.stringify(outcome)).not.toContain('hunter2');
  await other.close();
});

it('never throws, even for a connection string that is none', async () => {
  const broken = createMessenger({ connectionString: 'nonsense' });
  expect((await broken.send('results', MESSAGE)).kind).toBe('not-sent');
  await broken.close();
});

it('sends nothing after it was closed', async () => {
  expect(await messenger.send('results', MESSAGE)).toEqual({ kind: 'sent' });
  await messenger.close();
  expect((await messenger.send('results', { ...MESSAGE, messageId: 'message-2' })).kind).toBe('not-sent');
});
