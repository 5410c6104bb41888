import type { CloudEvent } from './cloud-event.ts';

/** How a subscription wants its events: `EventGridSchema` or `CloudEventSchemaV1_0`. */
export type DeliverySchema = 'eventgrid' | 'cloudevents';

/** `keyvault` is the system topic of every vault; `custom` carries events in, `out` those of the function. */
export type TopicName = 'keyvault' | 'custom' | 'out';

/** An event as Event Grid holds it. A published CloudEvent cannot be delivered in the other schema. */
export interface GridEvent {
  readonly cloudEvent: CloudEvent;
  readonly eventGridEvent?: EventGridEvent;
}

/** Source: https://learn.microsoft.com/azure/event-grid/event-schema */
export interface EventGridEvent {
  readonly id: string;
  readonly topic: string;
  readonly subject: string;
  readonly eventType: string;
  readonly eventTime: string;
  readonly data: unknown;
  readonly dataVersion: string;
  readonly metadataVersion: '1';
}

/** ISO 8601 with the seven digits that Event Grid's own times have. `time`: ms since the epoch. */
export const gridTime = (time: number): string => new Date(time).toISOString().replace('Z', '0000Z');
