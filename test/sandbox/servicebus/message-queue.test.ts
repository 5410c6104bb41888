import { beforeEach, describe, expect, it } from 'vitest';
import { MessageQueue } from '../../../src/sandbox/servicebus/queue/message-queue.ts';
import type { IncomingMessage, Lock } from '../../../src/sandbox/servicebus/queue/types.ts';

const SETTINGS = {
  name: 'q',
  maxDeliveryCount: 3,
  lockDurationMs: 1_000,
  duplicateDetectionWindowMs: 500,
  deadLetterExpired: false,
};

let now: number;
let queue: MessageQueue<string>;
let deadLetters: MessageQueue<string>;

beforeEach(() => {
  now = 10_000;
  const clock = () => now;
  deadLetters = new MessageQueue<string>(
    { ...SETTINGS, name: 'q/dead', maxDeliveryCount: Number.POSITIVE_INFINITY, duplicateDetectionWindowMs: 0 },
    clock,
  );
  queue = new MessageQueue<string>(SETTINGS, clock, deadLetters);
});

const message = (content: string, more: Partial<IncomingMessage<string>> = {}): IncomingMessage<string> => ({
  id: undefined,
  scheduledFor: undefined,
  timeToLiveMs: undefined,
  content,
  ...more,
});

function lock(from = queue): Lock<string> {
  const locked = from.lock();
  if (locked === undefined) throw new Error('nothing to lock');
  return locked;
}

const contents = (of = queue) => of.peek().map(({ content }) => content);

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

describe('scheduled messages', () => {
  it('come after what was enqueued before they were due, under a new number and time', () => {
    queue.enqueue(message('late', { scheduledFor: 12_000 }));
    queue.enqueue(message('early', { scheduledFor: 11_000 }));
    queue.enqueue(message('now'));
    expect(queue.peek().map(({ state }) => state)).toEqual(['scheduled', 'scheduled', 'active']);
    expect(queue.msUntilNextChange()).toBe(1_000);
    now = 12_000;
    expect([lock(), lock(), lock()].map(({ message: { content } }) => content)).toEqual(['now', 'early', 'late']);
    expect(queue.peek()[2]).toMatchObject({ sequenceNumber: 5, enqueuedAt: 12_000 });
  });

  it('are delivered at once if their time has passed', () => {
    queue.enqueue(message('a', { scheduledFor: 9_999 }));
    expect(queue.hasNext()).toBe(true);
  });

  it('can be cancelled until they are due', () => {
    const first = queue.enqueue(message('a', { scheduledFor: 11_000 })).sequenceNumber;
    const second = queue.enqueue(message('b', { scheduledFor: 11_000 })).sequenceNumber;
    expect(queue.cancelScheduled(first)).toBe(true);
    expect(queue.cancelScheduled(first)).toBe(false);
    now = 11_000;
    expect(queue.cancelScheduled(second)).toBe(false);
    expect(contents()).toEqual(['b']);
  });
});

describe('duplicate detection', () => {
  it('drops a message whose id was seen within the window, settled or not', () => {
    expect(queue.enqueue(message('a', { id: 'x' })).kind).toBe('enqueued');
    queue.take();
    now += 499;
    expect(queue.enqueue(message('b', { id: 'x' })).kind).toBe('duplicate');
    now += 1;
    expect(queue.enqueue(message('c', { id: 'x' })).kind).toBe('enqueued');
    expect(contents()).toEqual(['c']);
  });

  it('sees a scheduled message as soon as it is scheduled, and not again when it is due', () => {
    queue.enqueue(message('a', { id: 'x', scheduledFor: 10_100 }));
    expect(queue.enqueue(message('b', { id: 'x' })).kind).toBe('duplicate');
    now = 10_100;
    expect(lock().message.content).toBe('a');
  });

  it('leaves messages without an id alone', () => {
    queue.enqueue(message('a'));
    queue.enqueue(message('b'));
    expect(contents()).toEqual(['a', 'b']);
  });

  it('is off with a window of zero', () => {
    const plain = new MessageQueue<string>({ ...SETTINGS, duplicateDetectionWindowMs: 0 }, () => now, deadLetters);
    plain.enqueue(message('a', { id: 'x' }));
    expect(plain.enqueue(message('b', { id: 'x' })).kind).toBe('enqueued');
  });
});

describe('time', () => {
  it('drops a message that nobody took within its time to live', () => {
    queue.enqueue(message('a', { timeToLiveMs: 100 }));
    queue.enqueue(message('b'));
    now += 100;
    expect(contents()).toEqual(['b']);
    expect(lock().message.content).toBe('b');
  });

  it('does not drop a locked message, however old, until it is given back', () => {
    queue.enqueue(message('a', { timeToLiveMs: 100 }));
    queue.enqueue(message('b', { timeToLiveMs: 100 }));
    const [completed, abandoned] = [lock(), lock()];
    now += 500;
    expect(contents()).toEqual(['a', 'b']);
    expect(queue.settle(completed.token, { kind: 'complete' })).toBe(true);
    queue.settle(abandoned.token, { kind: 'abandon', properties: {} });
    expect(contents()).toEqual([]);
  });

  it('makes it a dead letter where the queue says so', () => {
    const keeping = new MessageQueue<string>({ ...SETTINGS, deadLetterExpired: true }, () => now, deadLetters);
    keeping.enqueue(message('a', { timeToLiveMs: 100 }));
    keeping.enqueue(message('b', { timeToLiveMs: 100, scheduledFor: now + 50 }));
    now += 100;
    expect(contents(keeping)).toEqual(['b']);
    expect(deadLetters.peek()).toMatchObject([
      { content: 'a', deadLetterSource: 'q', properties: { DeadLetterReason: 'TTLExpiredException' } },
    ]);
    now += 1_000_000;
    expect(contents(keeping)).toEqual([]);
    expect(contents(deadLetters)).toEqual(['a', 'b']);
  });

  it('says when time alone will change something', () => {
    expect(queue.msUntilNextChange()).toBe(Number.POSITIVE_INFINITY);
    queue.enqueue(message('a'));
    expect(queue.msUntilNextChange()).toBe(Number.POSITIVE_INFINITY);
    lock();
    now += 400;
    expect(queue.msUntilNextChange()).toBe(600);
    now += 10_000;
    expect(queue.msUntilNextChange()).toBe(0);
    queue.enqueue(message('b', { timeToLiveMs: 100 }));
    queue.settle(lock().token, { kind: 'complete' });
    expect(queue.msUntilNextChange()).toBe(100);
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
