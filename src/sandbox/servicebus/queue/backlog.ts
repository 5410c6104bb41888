import type { QueuedMessage } from './types.ts';

/** The messages of a queue, in the order in which they are delivered. */
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

  /** The first message that can be delivered. */
  next(): QueuedMessage<C> | undefined {
    for (const message of this.#messages.values()) if (message.state === 'active') return message;
    return undefined;
  }

  /** Messages in any state, by ascending sequence number. */
  list(fromSequenceNumber: number, count: number): QueuedMessage<C>[] {
    return [...this.#messages.values()]
      .filter((message) => message.sequenceNumber >= fromSequenceNumber)
      .sort((a, b) => a.sequenceNumber - b.sequenceNumber)
      .slice(0, count);
  }
}
