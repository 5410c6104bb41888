import type { DeliverySchema, GridEvent } from './grid-event.ts';

/** One attempt to deliver. */
export interface Shipment {
  /** Event Grid's own id of it: the same for every attempt. */
  readonly id: string;
  readonly subscription: string;
  readonly schema: DeliverySchema;
  /** The subscription has its events in batches, of one at least. */
  readonly batched: boolean;
  readonly events: readonly GridEvent[];
  /** Attempts made, this one included. */
  readonly attempt: number;
}

/** An event in the schema that was asked for. */
export const inSchema = (event: GridEvent, schema: DeliverySchema): object =>
  schema === 'cloudevents' ? event.cloudEvent : (event.eventGridEvent ?? {});

/** To a webhook: Event Grid's schema always comes as an array, a CloudEvent alone unless batched. */
export function webhookBody({ schema, events, batched }: Shipment): string {
  const shown = events.map((event) => inSchema(event, schema));
  return JSON.stringify(schema === 'cloudevents' && !batched ? shown[0] : shown);
}

export function contentType(schema: DeliverySchema, batched: boolean): string {
  if (schema === 'eventgrid') return 'application/json; charset=utf-8';
  return batched ? 'application/cloudevents-batch+json; charset=utf-8' : 'application/cloudevents+json; charset=utf-8';
}

/** As HTTP headers, and as application properties of a message. */
export function deliveryHeaders(shipment: Shipment): Record<string, string> {
  const [first] = shipment.events;
  const cloud = shipment.schema === 'cloudevents';
  return {
    'aeg-event-type': 'Notification',
    'aeg-subscription-name': shipment.subscription.toUpperCase(),
    'aeg-delivery-count': String(shipment.attempt),
    'aeg-metadata-version': cloud ? '1.0' : '1',
    'aeg-output-event-id': shipment.id,
    ...(!cloud && { 'aeg-data-version': first?.eventGridEvent?.dataVersion ?? '' }),
  };
}
