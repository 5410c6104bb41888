import * as z from 'zod';
import { expecting, fieldErrors } from '../request/field-errors.ts';
import type { EnvelopeReading } from './envelope.ts';

const nonEmpty = () => z.string({ error: expecting('a string') }).min(1, 'must not be empty');

/** https://learn.microsoft.com/azure/event-grid/event-schema: fields that are not named here are ignored. */
const eventGridSchema = z.looseObject({
  id: nonEmpty(),
  topic: nonEmpty(),
  eventType: nonEmpty(),
  data: z.unknown().optional(),
});

export const isEventGridEvent = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'eventType');

export function readEventGridEvent(value: object): EnvelopeReading {
  const parsed = eventGridSchema.safeParse(value);
  if (!parsed.success) return { kind: 'invalid', errors: fieldErrors(parsed.error.issues) };
  const { topic, id, eventType, data } = parsed.data;
  return { kind: 'event', source: topic, id, type: eventType, data };
}
