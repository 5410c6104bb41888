import type { IncomingMessage } from '../queue/types.ts';
import type { WireMessage } from '../wire/wire-message.ts';
import type { Entity } from './entity.ts';

/** A topic: what it is sent goes to every one of its subscriptions, which are queues for their receivers. */
export class Topic {
  readonly #subscriptions: readonly Entity[];

  constructor(subscriptions: readonly Entity[]) {
    this.#subscriptions = subscriptions;
  }

  enqueue(message: IncomingMessage<WireMessage>): void {
    for (const subscription of this.#subscriptions) subscription.enqueue(message);
  }
}
