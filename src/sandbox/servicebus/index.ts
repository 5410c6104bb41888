import type { FaultPlan } from '../kit/faults.ts';
import type { Traffic } from '../kit/traffic.ts';
import { entityPath, SHARED_ACCESS_KEY, SHARED_ACCESS_KEY_NAME } from './amqp/claims.ts';
import { Exchanges } from './amqp/exchanges.ts';
import { serveBus } from './amqp/server.ts';
import { type ControlMessage, toMessage } from './control-message.ts';
import { Entity } from './entities/entity.ts';
import { Topic } from './entities/topic.ts';
import { MessageQueue } from './queue/message-queue.ts';
import type { QueueSettings } from './queue/types.ts';
import { type MessageView, toView } from './view.ts';
import { toIncoming, type WireMessage } from './wire/wire-message.ts';

export type { ControlMessage, MessageView };

export interface QueueOptions {
  readonly name: string;
  /** Default 10. */
  readonly maxDeliveryCount?: number;
  /** Default 60,000. */
  readonly lockDurationMs?: number;
  /** Default 0: duplicates are not looked for. */
  readonly duplicateDetectionWindowMs?: number;
  /** Default false: a message whose time to live is over is dropped. */
  readonly deadLetterExpired?: boolean;
}

export interface TopicOptions {
  readonly name: string;
  readonly subscriptions: readonly string[];
}

export interface BrokerOptions {
  readonly queues: readonly QueueOptions[];
  /** Subscriptions are found, here as by clients, at `<topic>/Subscriptions/<subscription>`. */
  readonly topics?: readonly TopicOptions[];
  /** Service `bus`; operations `send`, `receive`, `settle`, `schedule`, `cancel-scheduled`, `peek`, `renew-lock`. */
  readonly faults: FaultPlan;
  readonly traffic?: Traffic | undefined;
  /** Default: any free one. */
  readonly port?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface ServiceBusBroker {
  readonly port: number;
  readonly connectionString: string;
  queueNames(): string[];
  view(queue: string): { messages: MessageView[]; deadLetters: MessageView[] } | undefined;
  enqueue(queue: string, message: ControlMessage): 'enqueued' | 'duplicate' | 'no-such-queue';
  /** Does at once what is due by its clock, after that was moved. */
  catchUp(): void;
  /** Lets all locks of the queue lapse at once. */
  expireLocks(queue: string): void;
  /** Delivers the latest message of that id once more, even if it was completed. False: none is remembered. */
  redeliver(queue: string, messageId: string): boolean;
  close(): Promise<void>;
}

const DEAD_LETTER_QUEUE = '$DeadLetterQueue';
const DEFAULTS = {
  maxDeliveryCount: 10,
  lockDurationMs: 60_000,
  duplicateDetectionWindowMs: 0,
  deadLetterExpired: false,
} as const;

/**
 * An emulated Service Bus namespace for the real client, on loopback.
 * @throws if the port is taken.
 */
export async function startBroker(options: BrokerOptions): Promise<ServiceBusBroker> {
  const entities = new Map<string, Entity>();
  const now = options.now ?? Date.now;
  for (const queue of options.queues) addQueue(entities, { ...DEFAULTS, ...queue }, now);
  const topics = (options.topics ?? []).map(({ name, subscriptions }): [string, Topic] => {
    const paths = subscriptions.map((subscription) => `${name}/Subscriptions/${subscription}`);
    return [entityPath(name), new Topic(paths.map((path) => addQueue(entities, { ...DEFAULTS, name: path }, now)))];
  });
  const server = await serveBus(
    new Map<string, Entity | Topic>([...entities, ...topics]),
    new Exchanges(options.faults, options.traffic),
    options.port ?? 0,
  );
  const find = (queue: string): Entity | undefined => entities.get(entityPath(queue));
  const messagesOf = (entity: Entity | undefined): MessageView[] => entity?.queue.peek().map(toView) ?? [];
  return {
    port: server.port,
    connectionString:
      `Endpoint=sb://127.0.0.1:${server.port};SharedAccessKeyName=${SHARED_ACCESS_KEY_NAME};` +
      `SharedAccessKey=${SHARED_ACCESS_KEY};UseDevelopmentEmulator=true;`,
    queueNames: () => options.queues.map(({ name }) => name),
    view: (queue) => {
      const entity = find(queue);
      if (entity === undefined) return undefined;
      return { messages: messagesOf(entity), deadLetters: messagesOf(find(`${queue}/${DEAD_LETTER_QUEUE}`)) };
    },
    enqueue: (queue, message) => find(queue)?.enqueue(toIncoming(toMessage(message))).kind ?? 'no-such-queue',
    catchUp: () => {
      for (const entity of entities.values()) entity.dispatch();
    },
    expireLocks: (queue) => find(queue)?.queue.expireLocks(),
    redeliver: (queue, messageId) => find(queue)?.redeliver(messageId) ?? false,
    close: async () => {
      for (const entity of entities.values()) entity.close();
      await server.close();
    },
  };
}

function addQueue(entities: Map<string, Entity>, settings: QueueSettings, now: () => number): Entity {
  const { name } = settings;
  const ofDeadLetters = {
    ...settings,
    name: `${name}/${DEAD_LETTER_QUEUE}`,
    maxDeliveryCount: Number.POSITIVE_INFINITY,
    duplicateDetectionWindowMs: 0,
  };
  const deadLetters = new MessageQueue<WireMessage>(ofDeadLetters, now);
  entities.set(entityPath(ofDeadLetters.name), new Entity(deadLetters, false));
  const entity = new Entity(new MessageQueue<WireMessage>(settings, now, deadLetters), true);
  entities.set(entityPath(name), entity);
  return entity;
}
