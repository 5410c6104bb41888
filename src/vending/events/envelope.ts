import * as z from 'zod';
import type { FieldError, FieldErrors, Result } from '../model/problems.ts';
import { expecting, fieldErrors } from '../request/validation.ts';

/** The fields that CloudEvents and the Event Grid schema have in common. */
export interface EventEnvelope {
  /** CloudEvents' `source`, Event Grid's `topic`; with `id` it names the event. */
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
}

export type EnvelopeReading = Result<EventEnvelope, FieldErrors>;

export const JSON_MEDIA_TYPE = /^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i;

const nonEmpty = () => z.string({ error: expecting('a string') }).min(1, 'must not be empty');

const attributes = {
  specversion: z.literal('1.0', { error: 'must be "1.0"' }),
  id: nonEmpty(),
  source: nonEmpty(),
};

/** An attribute that is `null` is unset (JSON Event Format, 2.2). `data` may be `null`. */
const jsonData = {
  datacontenttype: z
    .string({ error: expecting('a string') })
    .regex(JSON_MEDIA_TYPE, 'must be a JSON media type')
    .nullish(),
  data: z.unknown().refine((data) => data !== undefined, 'is required'),
  data_base64: z.null({ error: 'is not supported: send the request as JSON in data' }).optional(),
};

/** Structured mode of CloudEvents 1.0. Attributes that are not named here are extensions. */
const anyEventSchema = z.looseObject({ ...attributes, type: nonEmpty() });
const jsonDataSchema = z.looseObject(jsonData);

/** A JSON object with a `specversion` is meant as a CloudEvent and read as one. */
export const isCloudEvent = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'specversion');

/** A CloudEvent of any type, with any data. */
export const readAnyCloudEvent = (value: object): EnvelopeReading => envelopeOf(anyEventSchema.safeParse(value));

/** Why a CloudEvent's `data` are not JSON. */
export const jsonDataErrors = (value: object): readonly FieldError[] =>
  fieldErrors(jsonDataSchema.safeParse(value).error?.issues ?? []);

function envelopeOf(parsed: z.ZodSafeParseResult<z.infer<typeof anyEventSchema>>): EnvelopeReading {
  if (!parsed.success) return { kind: 'invalid', errors: fieldErrors(parsed.error.issues) };
  const { source, id, type, data } = parsed.data;
  return { kind: 'valid', value: { source, id, type, data } };
}

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
  return { kind: 'valid', value: { source: topic, id, type: eventType, data } };
}
