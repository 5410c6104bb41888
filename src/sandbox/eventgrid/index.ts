import { type EmulatorCall, serveEmulator } from '../kit/emulator.ts';
import type { EmulatorRequest } from '../kit/http-service.ts';
import type { Traffic } from '../kit/traffic.ts';
import type { SecretEvent } from '../vault/secret-events.ts';
import type { CloudEvent } from './cloud-event.ts';
import { keyVaultEvent, type VaultScope } from './key-vault-event.ts';
import { publish, refuse } from './publish.ts';
import {
  type Subscribed,
  type SubscriptionRequest,
  Subscriptions,
  type SubscriptionsOptions,
  type SubscriptionView,
} from './subscriptions.ts';

export type { SubscriptionRequest, SubscriptionView };

/** A custom topic: `https://<name>.<region>-1.eventgrid.azure.net/api/events`. */
export interface CustomTopic {
  readonly name: string;
  /** Object ids of those who may publish to it. */
  readonly senderOids: readonly string[];
}

export interface EventGridOptions extends Omit<SubscriptionsOptions, 'topicId' | 'validationUrl'> {
  readonly tls: { readonly cert: string; readonly key: string };
  readonly traffic?: Traffic | undefined;
  readonly region: string;
  /** Where the resource ids of topics and vaults are. */
  readonly scope: VaultScope;
  readonly topics: Readonly<Record<'custom' | 'out', CustomTopic>>;
  readonly port?: number;
}

export interface EventGridEmulator {
  readonly port: number;
  subscribe(request: SubscriptionRequest): Promise<Subscribed>;
  unsubscribe(name: string): boolean;
  subscriptions(): readonly SubscriptionView[];
  /** To the custom topic, past its endpoint. */
  publishCustom(event: CloudEvent): void;
  /** Takes a vault's events about its secrets to the system topic. In the fault plan: `emit`. */
  publishSecretEvent(event: SecretEvent): void;
  /** The events that arrived at the outgoing topic, in order of arrival. */
  published(): readonly CloudEvent[];
  close(): Promise<void>;
}

const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost'];

/** Event Grid: system topic of the vaults and two custom topics, with their event subscriptions. */
export async function startEventGrid(options: EventGridOptions): Promise<EventGridEmulator> {
  const { scope, topics, region, faults } = options;
  const published: CloudEvent[] = [];
  const provider = `/subscriptions/${scope.subscriptionId}/resourceGroups/${scope.resourceGroupName}/providers/Microsoft.EventGrid`;
  const subscriptions = new Subscriptions({
    ...options,
    topicId: (topic) =>
      topic === 'keyvault' ? `${provider}/systemTopics/keyvault` : `${provider}/topics/${topics[topic].name}`,
    validationUrl: (name, code) =>
      `https://rp-${region}.eventgrid.azure.net:553/eventsubscriptions/${name}/validate?id=${code}&apiVersion=2022-06-15`,
  });
  const publishTo = (topic: 'custom' | 'out', events: readonly CloudEvent[]): void => {
    if (topic === 'out') published.push(...events);
    for (const cloudEvent of events) subscriptions.publish(topic, { cloudEvent });
  };
  const service = await serveEmulator({
    service: 'eventgrid',
    tls: options.tls,
    faults,
    traffic: options.traffic,
    port: options.port ?? 0,
    route: (request) => route(options, subscriptions, publishTo, request),
  });
  return {
    port: service.port,
    subscribe: (request) => subscriptions.subscribe(request),
    unsubscribe: (name) => subscriptions.delete(name),
    subscriptions: () => subscriptions.view(),
    publishCustom: (event) => publishTo('custom', [event]),
    publishSecretEvent: (event) => {
      const fault = faults.take('eventgrid', 'emit');
      if (fault?.drop === 'before') return;
      subscriptions.publish('keyvault', keyVaultEvent(event, scope, fault?.timestamps ?? 'number'));
    },
    published: () => [...published],
    close: async () => {
      subscriptions.close();
      await service.close();
    },
  };
}

function route(
  { sender, region, topics }: EventGridOptions,
  subscriptions: Subscriptions,
  publishTo: (topic: 'custom' | 'out', events: readonly CloudEvent[]) => void,
  request: EmulatorRequest,
): EmulatorCall {
  const { host, method, rawPath, query } = request;
  const onLoopback = LOOPBACK.includes(host);
  const validated = /^\/eventsubscriptions\/([0-9A-Za-z-]+)\/validate$/.exec(rawPath)?.[1];
  if (validated !== undefined && method === 'GET' && (onLoopback || host === `rp-${region}.eventgrid.azure.net`)) {
    const valid = (): boolean => subscriptions.validate(validated, query.get('id') ?? '');
    return {
      operation: 'validate',
      perform: () =>
        valid() ? { status: 200 } : refuse(400, 'BadRequest', 'The validation code is not, or no longer, valid.'),
    };
  }
  const names = ['custom', 'out'] as const;
  const topic = onLoopback
    ? 'out'
    : names.find((name) => host === `${topics[name].name}.${region}-1.eventgrid.azure.net`);
  if (topic === undefined || rawPath !== '/api/events') {
    return { operation: 'unknown', perform: () => refuse(404, 'NotFound', 'There is no such topic.') };
  }
  if (method !== 'POST') {
    return { operation: 'unknown', perform: () => refuse(405, 'MethodNotAllowed', 'Events are published by POST.') };
  }
  const { senderOids } = topics[topic];
  const accept = (events: readonly CloudEvent[]): void => publishTo(topic, events);
  return { operation: 'publish', perform: () => publish(sender.issuer.verifier, { senderOids, accept }, request) };
}
