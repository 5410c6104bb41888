import type { EventPublisher } from '../../vending/ports/event-publisher.ts';
import type { Messenger } from '../../vending/ports/messenger.ts';

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
