import { InvocationContext, type ServiceBusQueueHandler } from '@azure/functions';
import { handleEvents, handleRequests, handleRetries } from '../../../src/functions/queue/handle.ts';
import { createEventIntake, createRotationRequests } from '../../../src/functions/queue/retry-messages.ts';
import type { Backoff, QueueServices } from '../../../src/functions/queue/services.ts';
import type { Messenger, OutgoingMessage, SendOutcome } from '../../../src/vending/ports/messaging.ts';
import type { Telemetry } from '../../../src/vending/ports/telemetry.ts';
import { HOUR, REQUEST, rowIn, SETTINGS } from '../../vending/world/steps.ts';
import { World } from '../../vending/world/world.ts';

export { REQUEST } from '../../vending/world/steps.ts';

export const QUEUES = {
  retryQueue: 'vend-retries',
  resultQueue: 'vend-results',
  replyQueues: ['replies-a', 'replies-b'],
} as const;

export const OPERATOR_ROLE = 'KeyVending.Operator';

export const BACKOFF: Backoff = { baseMs: 5_000, maxMs: 30_000, maxAttempts: 6 };

export interface Sent {
  readonly queue: string;
  readonly message: OutgoingMessage;
  /** Absent where it is delivered at once. */
  readonly notBefore?: Date;
}

/** Takes what is sent, or does what `fate` says. */
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

/** What Service Bus gives every message. */
export const FROM_BUS = { lockToken: 'lock', sequenceNumber: 1, enqueuedTimeUtc: '2026-01-01T00:00:00.5' } as const;

type Metadata = Readonly<Record<string, unknown>>;

/** The queue's triggers in a world in memory, called as the host calls them. */
export class Service {
  readonly world = new World();
  readonly messenger = new FakeMessenger();
  readonly logged: string[] = [];
  /** The lines of that which are errors. */
  readonly errors: string[] = [];
  /** The same with the level of each. */
  readonly levels: [level: string, line: string][] = [];
  settings = SETTINGS;
  telemetry: Telemetry | undefined;
  queues: QueueServices['queues'] = { ...QUEUES, backoff: BACKOFF };

  /** @returns what was sent for a message on a request queue. */
  request(body: unknown, metadata: Metadata = {}, queue = 'orders'): Promise<Sent[]> {
    return this.deliver(handleRequests(this.#services(), queue), body, { ...FROM_BUS, ...metadata });
  }

  /** @returns what was sent for a message on the queue of events. */
  event(body: unknown, metadata: Metadata = {}): Promise<Sent[]> {
    return this.deliver(handleEvents(this.#services(), 'vend-events'), body, { ...FROM_BUS, ...metadata });
  }

  /** @returns what was sent for a message on the retry queue. */
  retry({ messageId, body }: OutgoingMessage): Promise<Sent[]> {
    return this.deliver(handleRetries(this.#services()), body, { ...FROM_BUS, messageId });
  }

  /** Time passes until the message is delivered. @returns what was sent for it. */
  retryInTime({ message, notBefore }: Sent): Promise<Sent[]> {
    this.world.now = Math.max(this.world.now, notBefore?.getTime() ?? 0);
    return this.retry(message);
  }

  /** Whether the default vault takes writes. */
  set isVaultWritable(isWritable: boolean) {
    this.world.vault.isWritable = isWritable;
    this.world.vault.provenAt.clear();
  }

  #services(): QueueServices {
    const { settings, messenger, queues } = this;
    const intake = createEventIntake(messenger, queues.retryQueue, this.world.effects().clock);
    const rotations = createRotationRequests(messenger, queues.retryQueue);
    const { telemetry } = this;
    const effects = { ...this.world.effects(), rotations, ...(telemetry !== undefined && { telemetry }) };
    return { effects, settings, messenger, queues, intake, operatorRole: OPERATOR_ROLE };
  }

  async deliver(handler: ServiceBusQueueHandler, body: unknown, metadata: Metadata): Promise<Sent[]> {
    const context = new InvocationContext({
      triggerMetadata: { ...metadata },
      logHandler: (level, ...args) => {
        this.logged.push(args.join(' '));
        this.levels.push([level, args.join(' ')]);
        if (level === 'error') this.errors.push(args.join(' '));
      },
    });
    this.messenger.sent = [];
    await handler(bytesOf(body), context);
    return this.messenger.sent;
  }
}

/** Text and bytes as they are, anything else as JSON. */
export const bytesOf = (body: unknown): Buffer =>
  typeof body === 'string' || body instanceof Uint8Array ? Buffer.from(body) : Buffer.from(JSON.stringify(body));

/** The one message that was sent. */
export function only(sent: readonly Sent[]): Sent {
  const [message, ...others] = sent;
  if (message === undefined || others.length > 0) throw new Error(`${sent.length} messages were sent.`);
  return message;
}

/** Of a message in JSON. */
export const bodyOf = ({ message }: { readonly message: { readonly body: string } }): Record<string, unknown> =>
  JSON.parse(message.body);

/** A service that vended a credential an hour ago. */
export async function serviceWithCredential() {
  const service = new Service();
  const vended = bodyOf(only(await service.request({ ...REQUEST, validFor: 'P60D' }, { messageId: 'm-0' })));
  const id = String(vended.id);
  const keyId = rowIn(service.world, id).current?.key.id ?? '';
  service.world.pass(HOUR);
  return { service, id, keyId };
}
