import { type IncomingEvent, readEvent } from './incoming-event.ts';

/**
 * Every event becomes a message, and Event Grid waits 30 s for the answer. Its default is one event a delivery
 * (`maxEventsPerBatch`): https://learn.microsoft.com/azure/event-grid/delivery-and-retry#output-batching
 */
export const MAX_EVENTS = 100;
/** Bytes. Event Grid delivers no more at once. */
export const MAX_BATCH_BYTES = 1024 * 1024;

export type EventBatch =
  | { readonly kind: 'events'; readonly events: readonly IncomingEvent[] }
  | { readonly kind: 'too-many' }
  | { readonly kind: 'malformed'; readonly detail: string };

/** One event or a list of them, in either schema. Does not throw. Each event is read by itself. */
export function readEvents(value: unknown): EventBatch {
  if (Array.isArray(value)) {
    return value.length > MAX_EVENTS
      ? { kind: 'too-many' }
      : { kind: 'events', events: Array.from(value, (each, index) => inList(readEvent(each), index)) };
  }
  return typeof value === 'object' && value !== null
    ? { kind: 'events', events: [readEvent(value)] }
    : { kind: 'malformed', detail: 'it is neither an object nor a list' };
}

/** Errors point into the body. */
function inList(event: IncomingEvent, index: number): IncomingEvent {
  if (event.kind !== 'invalid') return event;
  return { ...event, errors: event.errors.map(({ pointer, detail }) => ({ pointer: `/${index}${pointer}`, detail })) };
}
