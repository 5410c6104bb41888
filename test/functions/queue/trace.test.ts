import { InvocationContext } from '@azure/functions';
import { beforeEach, expect, it } from 'vitest';
import { readEventMessage } from '../../../src/functions/queue/incoming.ts';
import { readMessage } from '../../../src/functions/queue/message.ts';
import { createEventIntake } from '../../../src/functions/queue/retry-messages.ts';
import { bytesOf, FakeMessenger, FROM_BUS, only, QUEUES, REQUEST, Service } from './service.ts';

const TRACEPARENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const CARRIED = { traceparent: TRACEPARENT, 'Diagnostic-Id': TRACEPARENT };

let service: Service;
beforeEach(() => {
  service = new Service();
});

it.each([
  ['a traceparent', { traceparent: TRACEPARENT }],
  ['a Diagnostic-Id, as the library spells it', { 'diagnostic-Id': TRACEPARENT }],
  ['both, of which the first counts', { traceparent: TRACEPARENT, 'diagnostic-Id': TRACEPARENT.replace('a', 'c') }],
  ['one that is none beside one', { traceparent: 'x', 'diagnostic-Id': TRACEPARENT }],
])('without telemetry a reply carries on the trace of %s', async (_what, applicationProperties) => {
  const { message } = only(await service.request(REQUEST, { messageId: 'm', applicationProperties }));
  expect(message).toMatchObject({ subject: 'vended', applicationProperties: CARRIED });
});

it.each([undefined, null, 'text', [], { traceparent: 42 }, { traceparent: `${TRACEPARENT}0` }])(
  'a reply to a message with the properties %o carries none',
  async (applicationProperties) => {
    const { message } = only(await service.request(REQUEST, { messageId: 'm', applicationProperties }));
    expect(message.applicationProperties).not.toHaveProperty('traceparent');
  },
);

it('a rejection carries on the trace too', async () => {
  const { message } = only(await service.request('no', { applicationProperties: { traceparent: TRACEPARENT } }));
  expect(message).toMatchObject({ subject: 'malformed-request', applicationProperties: CARRIED });
});

it('a retry message keeps the trace in its envelope, and its reply carries it on', async () => {
  service.isVaultWritable = false;
  const applicationProperties = { traceparent: TRACEPARENT };
  const sent = only(await service.request(REQUEST, { messageId: 'm', applicationProperties }));
  expect(JSON.parse(sent.message.body).envelope).toMatchObject({ rescheduleCount: 1, traceparent: TRACEPARENT });
  service.isVaultWritable = true;
  expect(only(await service.retry(sent.message)).message).toMatchObject({
    subject: 'vended',
    applicationProperties: CARRIED,
  });
});

it('a retry message whose envelope has another thing for a traceparent is none of ours', async () => {
  service.isVaultWritable = false;
  const { message } = only(await service.request(REQUEST, { messageId: 'm' }));
  const { envelope, ...rest } = JSON.parse(message.body);
  const body = JSON.stringify({ ...rest, envelope: { ...envelope, traceparent: 'text' } });
  expect(only(await service.retry({ ...message, body })).message.subject).toBe('invalid-request');
});

it('events that are accepted keep the trace of their delivery', async () => {
  const messenger = new FakeMessenger();
  const intake = createEventIntake(messenger, QUEUES.retryQueue, service.world.effects().clock);
  const event = { kind: 'command', operation: 'vend', source: '/s', id: 'e', data: REQUEST } as const;
  await intake.accept([event], { id: 'events', roles: [] }, TRACEPARENT);
  await intake.accept([event], { id: 'events', roles: [] });
  const [kept, without] = messenger.sent.map(({ message }) => JSON.parse(message.body).envelope);
  expect(kept).toMatchObject({ traceparent: TRACEPARENT });
  expect(without).not.toHaveProperty('traceparent');
  // Duplicate detection must know a delivery again, whatever its trace.
  expect(messenger.sent[0]?.message.messageId).toBe(messenger.sent[1]?.message.messageId);
});

it('a look that an event of the vault asks for keeps the trace of its message, and all its attempts are left', () => {
  const data = { Id: `https://orders.vault.azure.net/secrets/a/${'0'.repeat(32)}`, VaultName: 'orders' };
  const event = { specversion: '1.0', id: 'e', source: '/v', type: 'Microsoft.KeyVault.SecretExpired', data };
  const triggerMetadata = { ...FROM_BUS, applicationProperties: { traceparent: TRACEPARENT } };
  const message = readMessage(bytesOf(event), 'vend-events', new InvocationContext({ triggerMetadata }));
  const read = message && readEventMessage(message, 'events', () => undefined);
  expect(read).toMatchObject({
    work: { kind: 'look' },
    envelope: { rescheduleCount: 0, attempts: 0, traceparent: TRACEPARENT },
  });
});
