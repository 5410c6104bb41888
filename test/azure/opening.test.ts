import { expect, it, vi } from 'vitest';
import { createEventPublisher } from '../../src/azure/events/event-publisher.ts';
import { createMessenger } from '../../src/azure/servicebus/messenger.ts';
import { EVENT } from './adapters.ts';
import { goodCredential } from './arm/fixtures.ts';

let failures = 0;
const failing = () => {
  if (failures-- > 0) throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
};
vi.mock('../../src/azure/events/event-grid-topic.ts', () => ({
  createEventGridTopic: () => {
    failing();
    return { publish: async () => ({ kind: 'published' }) };
  },
}));
vi.mock('../../src/azure/servicebus/client.ts', () => ({
  openClient: () => {
    failing();
    return { createSender: () => ({ sendMessages: async () => undefined }), close: async () => undefined };
  },
}));

it('a topic whose adapter could not be loaded once is opened again', async () => {
  failures = 1;
  const topic = createEventPublisher(
    { kind: 'event-grid', endpoint: 'https://t.example' },
    { credential: goodCredential, messenger: { send: async () => ({ kind: 'sent' }) } },
  );
  expect((await topic.publish(EVENT)).kind).toBe('not-published');
  expect((await topic.publish(EVENT)).kind).toBe('published');
});

it('a bus whose client could not be loaded once is opened again', async () => {
  failures = 1;
  const bus = createMessenger({ connectionString: 'x' });
  const message = { messageId: 'm', body: '{}', contentType: 'application/json' };
  expect((await bus.send('q', message)).kind).toBe('not-sent');
  expect((await bus.send('q', message)).kind).toBe('sent');
});
