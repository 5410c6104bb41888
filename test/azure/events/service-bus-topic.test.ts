import { afterEach, beforeEach, expect, it } from 'vitest';
import { createServiceBusTopic } from '../../../src/azure/events/event-publisher.ts';
import { createMessenger } from '../../../src/azure/servicebus/messenger.ts';
import { FaultPlan } from '../../../src/sandbox/kit/faults.ts';
import { type ServiceBusBroker, startBroker } from '../../../src/sandbox/servicebus/index.ts';
import { EVENTS } from '../../vending/events/outgoing-events.ts';

/** Impatient: the client notices a cut connection by this alone. */
const clientOptions = { retryOptions: { timeoutInMs: 1_000, maxRetries: 2, retryDelayInMs: 10 } };

let faults: FaultPlan;
let broker: ServiceBusBroker;
let messenger: ReturnType<typeof createMessenger>;
beforeEach(async () => {
  faults = new FaultPlan();
  // A topic takes messages as a queue does: the sender's side of the protocol is the same.
  broker = await startBroker({ queues: [{ name: 'key-events', duplicateDetectionWindowMs: 600_000 }], faults });
  messenger = createMessenger({ connectionString: broker.connectionString, clientOptions });
});
afterEach(async () => {
  await messenger.close();
  await broker.close();
});

const waiting = () => broker.view('key-events')?.messages ?? [];

it('sends each event as one message, named by the event and to be filtered by its type', async () => {
  const topic = createServiceBusTopic(messenger, 'key-events');
  for (const event of EVENTS) expect(await topic.publish(event)).toEqual({ kind: 'published' });
  const contentType = 'application/cloudevents+json';
  expect(waiting()).toMatchObject(
    EVENTS.map((event) => ({ messageId: event.id, subject: event.type, contentType, body: event })),
  );
});

it('an event that is told twice arrives once', async () => {
  const topic = createServiceBusTopic(messenger, 'key-events');
  for (const event of [...EVENTS, ...EVENTS]) await topic.publish(event);
  expect(waiting()).toHaveLength(EVENTS.length);
});

it('tells why an event was not sent', async () => {
  const [event] = EVENTS;
  if (event === undefined) throw new Error('There is no event to publish');
  const nowhere = createServiceBusTopic(messenger, 'nowhere');
  expect(await nowhere.publish(event)).toEqual({
    kind: 'not-published',
    upstream: { service: 'bus', code: 'MessagingEntityNotFound' },
  });
  faults.add({ service: 'bus', operation: 'send', fault: { condition: 'com.microsoft:server-busy' } });
  expect(await createServiceBusTopic(messenger, 'key-events').publish(event)).toEqual({
    kind: 'not-published',
    upstream: { service: 'bus', code: 'ServiceBusy' },
  });
});
