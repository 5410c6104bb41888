import type { ServiceBusBroker } from '../servicebus/index.ts';
import type { AttemptOutcome } from './retry.ts';
import { contentType, deliveryHeaders, inSchema, type Shipment } from './wire.ts';

/**
 * One message for each event, never an array. Its id is Event Grid's own, and the same at every attempt, so that a queue
 * with duplicate detection swallows what was delivered already.
 */
export function sendToQueue(
  broker: Pick<ServiceBusBroker, 'enqueue'>,
  queue: string,
  shipment: Shipment,
): AttemptOutcome {
  for (const [index, event] of shipment.events.entries()) {
    const result = broker.enqueue(queue, {
      body: inSchema(event, shipment.schema),
      messageId: shipment.events.length === 1 ? shipment.id : `${shipment.id}-${index}`,
      contentType: contentType(shipment.schema, false),
      applicationProperties: deliveryHeaders(shipment),
    });
    if (result === 'no-such-queue') return { kind: 'failed', reason: 404 };
  }
  return { kind: 'delivered' };
}
