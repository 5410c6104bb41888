import type * as z from 'zod';
import { EVENT_SOURCE, type EventKind, eventDataSchemas, eventTypeOf, type OutgoingEvent } from './outgoing-schema.ts';

/** `revokeAt` in milliseconds since the epoch, the rest as the event tells it. */
type Told<Data> = { readonly [Field in keyof Data]: Field extends 'revokeAt' ? number : Data[Field] };

type DescriptionOf<Kind extends EventKind> = {
  readonly kind: Kind;
  /** The same whenever this event is told again, and no other event's; at most 128 characters. */
  readonly eventId: string;
  /** Milliseconds since the epoch: when it happened, not when it is told. */
  readonly time: number;
} & Told<z.infer<(typeof eventDataSchemas)[Kind]>>;

/** What happened to a key; which fields there are depends on `kind`. */
export type EventDescription = { [Kind in EventKind]: DescriptionOf<Kind> }[EventKind];

/** A CloudEvent 1.0. Built field by field: what else the description holds stays behind. */
export function eventOf(description: EventDescription): OutgoingEvent {
  const { kind, eventId, time, requestId } = description;
  const revokeAt = 'revokeAt' in description ? { revokeAt: new Date(description.revokeAt).toISOString() } : {};
  return {
    specversion: '1.0',
    id: eventId,
    source: EVENT_SOURCE,
    type: eventTypeOf(kind),
    subject: requestId,
    time: new Date(time).toISOString(),
    datacontenttype: 'application/json',
    data: eventDataSchemas[kind].parse({ ...description, ...revokeAt }),
  };
}
