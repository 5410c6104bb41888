import { randomUUID } from 'node:crypto';
import type { SandboxClock } from '../clock/clock.ts';
import type { FaultPlan } from '../kit/faults.ts';
import type { ServiceBusBroker } from '../servicebus/index.ts';
import type { RecordsView } from './delivery-records.ts';
import { type Carriers, type Destination, shipperTo } from './destination.ts';
import type { GridEvent, TopicName } from './grid-event.ts';
import { shakeHands } from './handshake.ts';
import { createSubscription, type Subscription, type SubscriptionSettings } from './subscription.ts';

export interface SubscriptionRequest extends SubscriptionSettings {
  readonly topic: TopicName;
  readonly destination: Destination;
}

/** Events flow in `Succeeded` alone. Before that, the owner has ten minutes to GET the validation URL. */
export type ProvisioningState = 'Succeeded' | 'AwaitingManualAction' | 'Failed';

export interface SubscriptionView extends RecordsView {
  readonly name: string;
  readonly topic: TopicName;
  readonly schema: SubscriptionSettings['schema'];
  readonly destination: Destination;
  readonly state: ProvisioningState;
}

export type Subscribed =
  | { readonly kind: 'subscribed'; readonly view: SubscriptionView }
  | { readonly kind: 'refused'; readonly why: string };

export interface SubscriptionsOptions extends Carriers {
  readonly clock: SandboxClock;
  readonly faults: FaultPlan;
  readonly broker: Pick<ServiceBusBroker, 'enqueue' | 'queueNames'>;
  /** A factor for the delays of the retry schedule. Default: 1. */
  readonly timeScale?: number;
  topicId(topic: TopicName): string;
  validationUrl(subscription: string, code: string): string;
}

interface Entry {
  readonly request: SubscriptionRequest;
  readonly subscription: Subscription;
  readonly code: string;
  state: ProvisioningState;
}

const VALIDATION_MS = 10 * 60_000;

/** The event subscriptions of all topics. */
export class Subscriptions {
  readonly #entries = new Map<string, Entry>();
  readonly #options: SubscriptionsOptions;

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  async subscribe(request: SubscriptionRequest): Promise<Subscribed> {
    const why = this.#objectionTo(request);
    if (why !== undefined) return { kind: 'refused', why };
    const code = randomUUID().toUpperCase();
    const state = await this.#validate(request, code);
    if (typeof state !== 'string') return { kind: 'refused', why: state.why };
    const entry: Entry = { request, subscription: this.#create(request), code, state };
    this.#entries.set(request.name, entry);
    if (state === 'AwaitingManualAction') this.#expire(entry);
    return { kind: 'subscribed', view: viewOf(entry) };
  }

  /** Handles a GET of the validation URL. False: the URL is not valid, or not any more. */
  validate(name: string, code: string): boolean {
    const entry = this.#entries.get(name);
    if (entry?.state !== 'AwaitingManualAction' || entry.code !== code) return false;
    entry.state = 'Succeeded';
    return true;
  }

  publish(topic: TopicName, event: GridEvent): void {
    for (const { request, subscription, state } of this.#entries.values()) {
      if (request.topic === topic && state === 'Succeeded') subscription.accept(event);
    }
  }

  /** False: there is none of that name. */
  delete(name: string): boolean {
    this.#entries.get(name)?.subscription.close();
    return this.#entries.delete(name);
  }

  view(): SubscriptionView[] {
    return [...this.#entries.values()].map(viewOf);
  }

  close(): void {
    for (const { subscription } of this.#entries.values()) subscription.close();
  }

  #objectionTo({ name, topic, schema, destination }: SubscriptionRequest): string | undefined {
    const { broker } = this.#options;
    if (this.#entries.has(name)) return `There is an event subscription ${name} already.`;
    if (schema === 'eventgrid' && topic !== 'keyvault') {
      return 'A topic that takes CloudEvents delivers CloudEvents only.';
    }
    if ('queue' in destination && !broker.queueNames().includes(destination.queue)) {
      return `There is no queue ${destination.queue}.`;
    }
    return undefined;
  }

  async #validate(request: SubscriptionRequest, code: string): Promise<ProvisioningState | { why: string }> {
    const { clock, topicId, validationUrl } = this.#options;
    const { destination: webhook, name, schema, topic } = request;
    if ('queue' in webhook) return 'Succeeded';
    const result = await shakeHands(schema, {
      ...{ sender: this.#options.sender, webhook, subscription: name, topic: topicId(topic) },
      ...{ code, validationUrl: validationUrl(name, code), now: clock.now() },
    });
    switch (result.kind) {
      case 'agreed':
        return 'Succeeded';
      case 'unanswered':
        return 'AwaitingManualAction';
      case 'refused':
        return { why: `The attempt to validate the provided endpoint ${webhook.url} failed. ${result.why}` };
    }
  }

  #create(request: SubscriptionRequest): Subscription {
    const { clock, faults, timeScale = 1 } = this.#options;
    return createSubscription(request, { clock, faults, timeScale, ...shipperTo(request.destination, this.#options) });
  }

  #expire(entry: Entry): void {
    const { clock } = this.#options;
    clock.at(clock.now() + VALIDATION_MS, () => {
      if (entry.state === 'AwaitingManualAction') entry.state = 'Failed';
    });
  }
}

function viewOf({ request, subscription, state }: Entry): SubscriptionView {
  const { name, topic, schema, destination } = request;
  return { name, topic, schema, destination, state, ...subscription.view() };
}
