import { afterEach, beforeEach, expect, it, vi } from 'vitest';
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
const sendMessages = vi.fn(async (_message: unknown, _options: { readonly abortSignal: AbortSignal }) => undefined);
const createSender = vi.fn((_queue: string) => ({ sendMessages }));
const close = vi.fn(async () => undefined);
vi.mock('../../src/azure/servicebus/client.ts', () => ({
  openClient: () => {
    failing();
    return { createSender, close };
  },
}));
const MESSAGE = { messageId: 'm', body: '{}', contentType: 'application/json' };

beforeEach(() => void vi.clearAllMocks());
afterEach(() => void vi.useRealTimers());

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
  expect((await bus.send('q', MESSAGE)).kind).toBe('not-sent');
  expect((await bus.send('q', MESSAGE)).kind).toBe('sent');
});

it('a queue has one sender: each has a link of its own, and nobody would close it', async () => {
  const bus = createMessenger({ connectionString: 'x' });
  for (const queue of ['a', 'b', 'a']) expect((await bus.send(queue, MESSAGE)).kind).toBe('sent');
  expect(createSender.mock.calls).toEqual([['a'], ['b']]);
});

it('a send that hangs is cut after thirty seconds', async () => {
  vi.useFakeTimers();
  sendMessages.mockReturnValueOnce(new Promise<never>(() => undefined));
  const sending = createMessenger({ connectionString: 'x' }).send('q', MESSAGE);
  await vi.advanceTimersByTimeAsync(29_999);
  const signal = sendMessages.mock.calls[0]?.[1].abortSignal;
  expect(signal?.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(signal?.aborted).toBe(true);
  expect(await sending).toEqual({ kind: 'not-sent', upstream: { service: 'bus', code: 'TimeoutError' } });
});

it('the end of a messenger waits until its client is closed', async () => {
  const bus = createMessenger({ connectionString: 'x' });
  await bus.send('q', MESSAGE);
  const closed = Promise.withResolvers<undefined>();
  close.mockReturnValueOnce(closed.promise);
  let isOver = false;
  const closing = bus.close().then(() => {
    isOver = true;
  });
  await new Promise((resolve) => void setImmediate(resolve));
  expect([close.mock.calls.length, isOver]).toEqual([1, false]);
  closed.resolve(undefined);
  await closing;
});
