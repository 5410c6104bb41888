import type { Message } from 'rhea';
import type { Entity } from './entity.ts';
import type { IncomingMessage } from './queue/types.ts';

/** A topic: what it is sent goes to every one of its subscriptions, which are queues for their receivers. */
export class Topic {
  readonly #subscriptions: readonly Entity[];

  constructor(subscriptions: readonly Entity[]) {
    this.#subscriptions = subscriptions;
  }

  enqueue(message: IncomingMessage<Message>): void {
    for (const subscription of this.#subscriptions) subscription.enqueue(message);
  }
}
