import { InvocationContext, type ServiceBusQueueHandler } from '@azure/functions';
import type { Backoff } from '../../../src/functions/queue/backoff.ts';
import { handleEvents, handleRequests, handleRetries } from '../../../src/functions/queue/handle.ts';
import { createEventIntake } from '../../../src/functions/queue/own-messages.ts';
import type { QueueServices } from '../../../src/functions/queue/services.ts';
import type { Messenger, OutgoingMessage, SendOutcome } from '../../../src/vending/ports/messenger.ts';
import { COMMAND, SETTINGS } from '../../vending/saga/vending.ts';
import type { World } from '../../vending/saga/world.ts';

export const QUEUES = {
  retryQueue: 'vend-retries',
  resultQueue: 'vend-results',
  replyQueues: ['replies-a', 'replies-b'],
} as const;

export const OPERATOR_ROLE = 'KeyVending.Operator';

export const BACKOFF: Backoff = { baseMs: 5_000, maxMs: 30_000, maxAttempts: 6 };

export const REQUEST = COMMAND.request;

export interface Sent {
  readonly queue: string;
  readonly message: OutgoingMessage;
  /** Absent where it is delivered at once. */
  readonly notBefore?: Date;
}

/** Takes what is sent, or whatever `fate` says. */
export class FakeMessenger implements Messenger {
  sent: Sent[] = [];
  tries = 0;
  fate: () => SendOutcome = () => ({ kind: 'sent' });

  async send(queue: string, message: OutgoingMessage): Promise<SendOutcome> {
    return this.#take({ queue, message });
  }

  async sendLater(queue: string, message: OutgoingMessage, notBefore: Date): Promise<SendOutcome> {
    return this.#take({ queue, message, notBefore });
  }

  #take(sent: Sent): SendOutcome {
    this.tries++;
    const outcome = this.fate();
    if (outcome.kind === 'sent') this.sent.push(sent);
    return outcome;
  }
}

/** The queue's triggers over a fake world, called as the host calls them. */
export class Service {
  readonly messenger = new FakeMessenger();
  readonly logged: string[] = [];
  /** What of that is an error. */
  readonly errors: string[] = [];
  settings = SETTINGS;
  queues: QueueServices['queues'] = { ...QUEUES, backoff: BACKOFF };
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** @returns what was sent for a message on a request queue. */
  request(body: unknown, triggerMetadata: Record<string, unknown> = {}, queue = 'orders'): Promise<Sent[]> {
    return this.#deliver(handleRequests(this.#services(), queue), body, triggerMetadata);
  }

  /** @returns what was sent for a message on the queue of events. */
  event(body: unknown, triggerMetadata: Record<string, unknown> = {}): Promise<Sent[]> {
    return this.#deliver(handleEvents(this.#services(), 'vend-events'), body, triggerMetadata);
  }

  /** @returns what was sent for a message on the retry queue, such as the copy that was sent there. */
  retry({ messageId, body }: OutgoingMessage): Promise<Sent[]> {
    return this.#deliver(handleRetries(this.#services()), JSON.parse(body), { messageId });
  }

  #services(): QueueServices {
    const { settings, messenger, queues } = this;
    const intake = createEventIntake(messenger, queues.retryQueue);
    return { effects: this.#world.ports(), settings, messenger, queues, intake, operatorRole: OPERATOR_ROLE };
  }

  async #deliver(
    handler: ServiceBusQueueHandler,
    body: unknown,
    triggerMetadata: Record<string, unknown>,
  ): Promise<Sent[]> {
    const context = new InvocationContext({
      triggerMetadata,
      logHandler: (level, ...args) => {
        this.logged.push(args.join(' '));
        if (level === 'error') this.errors.push(args.join(' '));
      },
    });
    this.messenger.sent = [];
    await handler(body, context);
    return this.messenger.sent;
  }
}

/** The one message that was sent. */
export function only(sent: readonly Sent[]): Sent {
  const [message, ...others] = sent;
  if (message === undefined || others.length > 0) throw new Error(`${sent.length} messages were sent.`);
  return message;
}
