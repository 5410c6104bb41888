import { beforeEach, describe, expect, it } from 'vitest';
import type { MessageQueue } from '../../../src/sandbox/servicebus/queue/message-queue.ts';
import { contentsOf, lockIn, message, queuesAt } from './queues.ts';

let now: number;
let queue: MessageQueue<string>;
let deadLetters: MessageQueue<string>;
beforeEach(() => {
  now = 10_000;
  ({ queue, deadLetters } = queuesAt(() => now));
});
const lock = (from = queue) => lockIn(from);
const contents = (of = queue) => contentsOf(of);

describe('order and locks', () => {
  it('hands out messages in the order of arrival and each of them once', () => {
    queue.enqueue(message('a'));
    queue.enqueue(message('b'));
    expect([lock().message.content, lock().message.content]).toEqual(['a', 'b']);
    expect(queue.hasNext()).toBe(false);
    expect(queue.lock()).toBeUndefined();
  });

  it('removes a message for good when it is completed or taken', () => {
    queue.enqueue(message('a'));
    queue.enqueue(message('b'));
    expect(queue.settle(lock().token, { kind: 'complete' })).toBe(true);
    expect(queue.take()?.content).toBe('b');
    expect(contents()).toEqual([]);
  });

  it('puts an abandoned message back in its old place, counted and with the given properties', () => {
    queue.enqueue(message('a'));
    queue.enqueue(message('b'));
    queue.settle(lock().token, { kind: 'abandon', properties: { why: 'busy' } });
    const again = lock().message;
    expect(again).toMatchObject({ content: 'a', sequenceNumber: 1, deliveryCount: 1, properties: { why: 'busy' } });
  });

  it('does not count a delivery that is released', () => {
    queue.enqueue(message('a'));
    queue.settle(lock().token, { kind: 'release' });
    expect(lock().message.deliveryCount).toBe(0);
  });

  it('refuses any settlement and renewal once the lock has lapsed, and gives the message to the next', () => {
    queue.enqueue(message('a'));
    const lapsed = lock();
    expect(lapsed.until).toBe(11_000);
    now = 11_000;
    expect(queue.renew(lapsed.token)).toBeUndefined();
    expect(queue.settle(lapsed.token, { kind: 'complete' })).toBe(false);
    const next = lock();
    expect(next.message.deliveryCount).toBe(1);
    expect(queue.settle(lapsed.token, { kind: 'dead-letter', properties: {} })).toBe(false);
    expect(queue.settle(next.token, { kind: 'complete' })).toBe(true);
  });

  it('keeps a lock that is renewed in time', () => {
    queue.enqueue(message('a'));
    const { token } = lock();
    now = 10_900;
    expect(queue.renew(token)).toBe(11_900);
    now = 11_500;
    expect(queue.hasNext()).toBe(false);
    expect(queue.settle(token, { kind: 'complete' })).toBe(true);
  });

  it('lets locks lapse on demand', () => {
    queue.enqueue(message('a'));
    const { token } = lock();
    queue.expireLocks();
    expect(queue.settle(token, { kind: 'complete' })).toBe(false);
    expect(lock().message.deliveryCount).toBe(1);
  });
});

describe('dead letters', () => {
  it('moves a message there after the last permitted delivery, and says so', () => {
    queue.enqueue(message('a'));
    queue.settle(lock().token, { kind: 'abandon', properties: {} });
    lock();
    now += 1_000;
    queue.settle(lock().token, { kind: 'abandon', properties: {} });
    expect(contents()).toEqual([]);
    expect(deadLetters.peek()).toMatchObject([
      {
        content: 'a',
        deliveryCount: 3,
        deadLetterSource: 'q',
        state: 'active',
        properties: {
          DeadLetterReason: 'MaxDeliveryCountExceeded',
          DeadLetterErrorDescription: 'Message could not be consumed after 3 delivery attempts.',
        },
      },
    ]);
  });

  it('moves a message there with the reason given', () => {
    queue.enqueue(message('a'));
    queue.settle(lock().token, { kind: 'dead-letter', properties: { DeadLetterReason: 'poison' } });
    expect(contents()).toEqual([]);
    expect(deadLetters.peek()).toMatchObject([{ properties: { DeadLetterReason: 'poison' } }]);
  });

  it('keeps a dead letter however often it is given back, and however long it stays', () => {
    queue.enqueue(message('a', { timeToLiveMs: 100 }));
    queue.settle(lock().token, { kind: 'dead-letter', properties: {} });
    for (let i = 0; i < 5; i++) deadLetters.settle(lock(deadLetters).token, { kind: 'abandon', properties: {} });
    deadLetters.settle(lock(deadLetters).token, { kind: 'dead-letter', properties: {} });
    now += 1_000_000;
    expect(deadLetters.peek()).toMatchObject([{ content: 'a', deliveryCount: 5, deadLetterSource: 'q' }]);
  });
});

it('tells its watcher of everything that may make a message available', () => {
  let changes = 0;
  queue.watch(() => changes++);
  const changed = (act: () => unknown): boolean => {
    const before = changes;
    act();
    return changes > before;
  };
  expect(changed(() => queue.enqueue(message('a')))).toBe(true);
  expect(changed(() => queue.settle(lock().token, { kind: 'abandon', properties: {} }))).toBe(true);
  expect(changed(() => queue.settle(lock().token, { kind: 'release' }))).toBe(true);
  lock();
  expect(changed(() => queue.expireLocks())).toBe(true);
});

it('peeks from a number on, in the order of numbers', () => {
  for (const content of ['a', 'b', 'c', 'd']) queue.enqueue(message(content));
  expect(queue.peek(2, 2).map(({ content }) => content)).toEqual(['b', 'c']);
  const [first, second] = [lock(), lock()];
  queue.settle(second.token, { kind: 'dead-letter', properties: {} });
  queue.settle(first.token, { kind: 'dead-letter', properties: {} });
  expect(contents(deadLetters)).toEqual(['a', 'b']);
});
