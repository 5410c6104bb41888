import { beforeEach, expect, it } from 'vitest';
import { createEventIntake } from '../../../src/functions/queue/own-messages.ts';
import { World } from '../../vending/saga/world.ts';
import { FakeMessenger, only, QUEUES, REQUEST, Service } from './service.ts';

const TRACEPARENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const CARRIED = { traceparent: TRACEPARENT, 'Diagnostic-Id': TRACEPARENT };

let world: World;
let service: Service;
beforeEach(() => {
  world = new World();
  service = new Service(world);
});

it.each([
  ['a traceparent', { traceparent: TRACEPARENT }],
  ['a Diagnostic-Id, as the library spells it', { 'diagnostic-Id': TRACEPARENT }],
  [
    'both, of which the first is worth more',
    { traceparent: TRACEPARENT, 'diagnostic-Id': TRACEPARENT.replace('a', 'c') },
  ],
  ['one that is none beside one', { traceparent: 'x', 'diagnostic-Id': TRACEPARENT }],
])('without telemetry a reply carries on the trace of %s', async (_what, applicationProperties) => {
  const { message } = only(await service.request(REQUEST, { messageId: 'm', applicationProperties }));
  expect(message).toMatchObject({ subject: 'vended', applicationProperties: CARRIED });
});

it.each([undefined, null, 'text', [], { traceparent: 42 }, { traceparent: `${TRACEPARENT}0` }])(
  'a reply to a message with the properties %o carries none',
  async (applicationProperties) => {
    const { message } = only(await service.request(REQUEST, { messageId: 'm', applicationProperties }));
    expect(message).not.toHaveProperty('applicationProperties');
  },
);

it('a rejection carries on the trace too', async () => {
  const { message } = only(await service.request('no', { applicationProperties: { traceparent: TRACEPARENT } }));
  expect(message).toMatchObject({ subject: 'malformed-request', applicationProperties: CARRIED });
});

it('a delayed copy keeps the trace in its envelope, and its reply carries it on', async () => {
  world.writable = false;
  const applicationProperties = { traceparent: TRACEPARENT };
  const copy = only(await service.request(REQUEST, { messageId: 'm', applicationProperties }));
  expect(JSON.parse(copy.message.body).envelope).toMatchObject({ copies: 1, traceparent: TRACEPARENT });
  world.writable = true;
  expect(only(await service.retry(copy.message)).message).toMatchObject({
    subject: 'vended',
    applicationProperties: CARRIED,
  });
});

it('a copy whose envelope has another thing for a traceparent is none of ours', async () => {
  world.writable = false;
  const { message } = only(await service.request(REQUEST, { messageId: 'm' }));
  const { envelope, ...rest } = JSON.parse(message.body);
  const body = JSON.stringify({ ...rest, envelope: { ...envelope, traceparent: 'text' } });
  expect(only(await service.retry({ ...message, body })).message.subject).toBe('invalid-request');
});

it('events that are taken in keep the trace of their delivery', async () => {
  const messenger = new FakeMessenger();
  const intake = createEventIntake(messenger, QUEUES.retryQueue);
  const event = { kind: 'command', operation: 'vend', source: '/s', id: 'e', data: REQUEST } as const;
  await intake.accept([event], { id: 'events', roles: [] }, TRACEPARENT);
  await intake.accept([event], { id: 'events', roles: [] });
  const [kept, without] = messenger.sent.map(({ message }) => JSON.parse(message.body).envelope);
  expect(kept).toMatchObject({ traceparent: TRACEPARENT });
  expect(without).not.toHaveProperty('traceparent');
  // Duplicate detection must know a delivery again, whatever its trace.
  expect(messenger.sent[0]?.message.messageId).toBe(messenger.sent[1]?.message.messageId);
});
