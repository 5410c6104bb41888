import type { MessageQueue } from '../queue/message-queue.ts';
import type { Enqueued, IncomingMessage } from '../queue/types.ts';
import type { WireMessage } from '../wire/wire-message.ts';
import { RecentMessages } from './recent-messages.ts';

/** Someone to hand messages to. */
export interface Consumer {
  isReady(): boolean;
  /** Takes the next message, or stops being ready. */
  deliverNext(): void;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A queue at work: hands its messages to consumers in turn, and wakes when a lock lapses or a schedule comes due. */
export class Entity {
  readonly queue: MessageQueue<WireMessage>;
  readonly acceptsMessages: boolean;
  readonly #recent = new RecentMessages<IncomingMessage<WireMessage>>();
  #consumers: Consumer[] = [];
  #wakeUp: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;
  #closed = false;

  constructor(queue: MessageQueue<WireMessage>, acceptsMessages: boolean) {
    this.queue = queue;
    this.acceptsMessages = acceptsMessages;
    queue.watch(() => this.#dispatchSoon());
  }

  enqueue(message: IncomingMessage<WireMessage>): Enqueued {
    const enqueued = this.queue.enqueue(message);
    if (enqueued.kind === 'enqueued' && message.id !== undefined) this.#recent.remember(message.id, message);
    return enqueued;
  }

  /** Enqueues the latest message of that id once more, past duplicate detection. False: none is remembered. */
  redeliver(id: string): boolean {
    const message = this.#recent.find(id);
    if (message !== undefined) this.queue.enqueue({ ...message, id: undefined, scheduledFor: undefined });
    return message !== undefined;
  }

  attach(consumer: Consumer): void {
    this.#consumers.push(consumer);
  }

  detach(consumer: Consumer): void {
    this.#consumers = this.#consumers.filter((other) => other !== consumer);
  }

  /** Hands out what there is, as long as somebody is ready for it. */
  dispatch(): void {
    for (let next = this.#nextReady(); next !== undefined; next = this.#nextReady()) next.deliverNext();
    this.#sleep();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#wakeUp);
    clearImmediate(this.#soon);
  }

  #dispatchSoon(): void {
    if (this.#closed || this.#soon !== undefined) return;
    this.#soon = setImmediate(() => {
      this.#soon = undefined;
      this.dispatch();
    });
  }

  /** Goes to the end of the line. None: there is nothing to hand out, or nobody is ready. */
  #nextReady(): Consumer | undefined {
    if (!this.queue.hasNext()) return undefined;
    const ready = this.#consumers.find((consumer) => consumer.isReady());
    if (ready !== undefined) this.#consumers = [...this.#consumers.filter((other) => other !== ready), ready];
    return ready;
  }

  #sleep(): void {
    clearTimeout(this.#wakeUp);
    const delay = this.queue.msUntilNextChange();
    if (this.#closed || delay === Number.POSITIVE_INFINITY) return;
    this.#wakeUp = setTimeout(() => this.dispatch(), Math.min(delay + 1, LONGEST_TIMER_MS));
  }
}
