import { beforeEach, describe, expect, it } from 'vitest';
import type { MessageQueue } from '../../../src/sandbox/servicebus/queue/message-queue.ts';
import { contentsOf, lockIn, message, queuesAt } from './queues.ts';

let now: number;
let queue: MessageQueue<string>;
beforeEach(() => {
  now = 10_000;
  ({ queue } = queuesAt(() => now));
});
const lock = (from = queue) => lockIn(from);
const contents = (of = queue) => contentsOf(of);

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
    const plain = queuesAt(() => now, { duplicateDetectionWindowMs: 0 }).queue;
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
    const { queue: keeping, deadLetters } = queuesAt(() => now, { deadLetterExpired: true });
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
