import { MessageQueue } from '../../../src/sandbox/servicebus/queue/message-queue.ts';
import type { IncomingMessage, Lock } from '../../../src/sandbox/servicebus/queue/types.ts';

const SETTINGS = {
  name: 'q',
  maxDeliveryCount: 3,
  lockDurationMs: 1_000,
  duplicateDetectionWindowMs: 500,
  deadLetterExpired: false,
};

/** A queue of texts, and what its dead letters go to. */
export function queuesAt(now: () => number, settings: Partial<typeof SETTINGS> = {}) {
  const deadLetters = new MessageQueue<string>(
    { ...SETTINGS, name: 'q/dead', maxDeliveryCount: Number.POSITIVE_INFINITY, duplicateDetectionWindowMs: 0 },
    now,
  );
  return { queue: new MessageQueue<string>({ ...SETTINGS, ...settings }, now, deadLetters), deadLetters };
}

export const message = (content: string, more: Partial<IncomingMessage<string>> = {}): IncomingMessage<string> => ({
  id: undefined,
  scheduledFor: undefined,
  timeToLiveMs: undefined,
  content,
  ...more,
});

/** @throws Error where nothing can be locked */
export function lockIn(queue: MessageQueue<string>): Lock<string> {
  const locked = queue.lock();
  if (locked === undefined) throw new Error('nothing to lock');
  return locked;
}

export const contentsOf = (queue: MessageQueue<string>): string[] => queue.peek().map(({ content }) => content);
