import type { QueuedMessage } from './types.ts';

/** The messages of a queue, in the order in which they are delivered. Times: ms since the epoch. */
export class Backlog<C> {
  readonly #messages = new Map<number, QueuedMessage<C>>();

  /** A message that is there already keeps its place. */
  put(message: QueuedMessage<C>): void {
    this.#messages.set(message.sequenceNumber, message);
  }

  get(sequenceNumber: number): QueuedMessage<C> | undefined {
    return this.#messages.get(sequenceNumber);
  }

  delete(sequenceNumber: number): boolean {
    return this.#messages.delete(sequenceNumber);
  }

  /** The first message that can be delivered; those before it whose time is over are dropped. */
  next(now: number): QueuedMessage<C> | undefined {
    for (const message of this.#messages.values()) {
      if (message.state !== 'active') continue;
      if (!isExpired(message, now)) return message;
      this.#messages.delete(message.sequenceNumber);
    }
    return undefined;
  }

  /** Messages in any state, by ascending sequence number. */
  list(now: number, fromSequenceNumber: number, count: number): QueuedMessage<C>[] {
    return [...this.#messages.values()]
      .filter((message) => message.sequenceNumber >= fromSequenceNumber && !isExpired(message, now))
      .sort((a, b) => a.sequenceNumber - b.sequenceNumber)
      .slice(0, count);
  }
}

/** A locked message is its receiver's until the lock ends, and a scheduled one has not begun to live. */
function isExpired<C>({ enqueuedAt, timeToLiveMs, state }: QueuedMessage<C>, now: number): boolean {
  return state === 'active' && timeToLiveMs !== undefined && enqueuedAt + timeToLiveMs <= now;
}
