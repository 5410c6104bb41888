import type { TokenCredential } from '@azure/identity';
import type { EventPublisher, Messenger } from '../../vending/ports/messaging.ts';
import { traceOf } from '../upstream-trace.ts';

/** Where the service publishes its events. */
export type EventDestination =
  | { readonly kind: 'event-grid'; readonly endpoint: string }
  | { readonly kind: 'service-bus'; readonly topic: string };

export interface EventPublisherOptions {
  readonly credential: TokenCredential;
  readonly messenger: Pick<Messenger, 'send'>;
}

/** The adapter is loaded by the first event: a service without a topic pays nothing for it. */
export function createEventPublisher(destination: EventDestination, options: EventPublisherOptions): EventPublisher {
  let opening: Promise<EventPublisher> | undefined;
  return {
    publish: async (event) => {
      try {
        opening ??= open(destination, options).catch((error: unknown) => {
          // The process may have had too many files open: the next event tries again.
          opening = undefined;
          throw error;
        });
        return await (await opening).publish(event);
      } catch (error) {
        return { kind: 'not-published', upstream: traceOf('events', error) };
      }
    },
  };
}

async function open(
  destination: EventDestination,
  { credential, messenger }: EventPublisherOptions,
): Promise<EventPublisher> {
  switch (destination.kind) {
    case 'event-grid': {
      const { createEventGridTopic } = await import('./event-grid-topic.ts');
      return createEventGridTopic({ ...destination, credential });
    }
    case 'service-bus':
      return createServiceBusTopic(messenger, destination.topic);
  }
}

/**
 * A topic of Service Bus. Give it duplicate detection: the message's id is the event's. Subscriptions filter on the
 * subject (`sys.Label`), which is the event's type.
 */
export function createServiceBusTopic(messenger: Pick<Messenger, 'send'>, topic: string): EventPublisher {
  return {
    publish: async (event) => {
      const outcome = await messenger.send(topic, {
        messageId: event.id,
        subject: event.type,
        contentType: 'application/cloudevents+json',
        body: JSON.stringify(event),
      });
      return outcome.kind === 'sent' ? { kind: 'published' } : { kind: 'not-published', upstream: outcome.upstream };
    },
  };
}
