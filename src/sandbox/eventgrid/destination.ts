import type { ServiceBusBroker } from '../servicebus/index.ts';
import { sendToQueue } from './queue-destination.ts';
import type { AttemptOutcome, DestinationKind } from './retry.ts';
import { postToWebhook, RESPONSE_TIMEOUT_MS, type Sender, type Webhook } from './webhook.ts';
import type { Shipment } from './wire.ts';

export type Destination = { readonly queue: string } | Webhook;

/** What carries events to their destinations. */
export interface Carriers {
  readonly broker: Pick<ServiceBusBroker, 'enqueue'>;
  readonly sender: Sender;
  /** How long a webhook may take to answer; 30,000 unless given, as at the real one. */
  readonly responseTimeoutMs?: number;
}

export interface Shipper {
  readonly kind: DestinationKind;
  send(shipment: Shipment): AttemptOutcome | Promise<AttemptOutcome>;
}

export function shipperTo(destination: Destination, carriers: Carriers): Shipper {
  const { broker, sender, responseTimeoutMs = RESPONSE_TIMEOUT_MS } = carriers;
  return 'queue' in destination
    ? { kind: 'queue', send: (shipment) => sendToQueue(broker, destination.queue, shipment) }
    : { kind: 'webhook', send: (shipment) => postToWebhook(sender, destination, shipment, responseTimeoutMs) };
}
