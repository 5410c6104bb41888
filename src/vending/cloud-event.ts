import * as z from 'zod';
import { expecting, fieldErrors } from './field-errors.ts';
import type { FieldError } from './problems.ts';

const EVENT_TYPE = /(?:^|\.)apikey\.requested\.v1$/;
const JSON_MEDIA_TYPE = /^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i;

const nonEmpty = () => z.string({ error: expecting('a string') }).min(1, 'must not be empty');

/** Structured mode of CloudEvents 1.0; attributes that are not named here are extensions and are let be. */
const cloudEventSchema = z.looseObject({
  specversion: z.literal('1.0', { error: 'must be "1.0"' }),
  id: nonEmpty(),
  source: nonEmpty(),
  type: z.string({ error: expecting('a string') }).regex(EVENT_TYPE, 'must end in "apikey.requested.v1"'),
  datacontenttype: z
    .string({ error: expecting('a string') })
    .regex(JSON_MEDIA_TYPE, 'must be a JSON media type')
    .exactOptional(),
  data: z.unknown().refine((data) => data !== undefined, 'is required'),
  data_base64: z.undefined({ error: 'is not supported: send the request as JSON in data' }).optional(),
});

export type CloudEventReading =
  | { readonly kind: 'not-a-cloud-event' }
  | {
      readonly kind: 'event';
      readonly source: string;
      readonly id: string;
      readonly type: string;
      readonly data: unknown;
    }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] };

/** A JSON object with a `specversion` is meant as a CloudEvent, and judged as one; anything else is not. */
export function readCloudEvent(value: unknown): CloudEventReading {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'specversion')) {
    return { kind: 'not-a-cloud-event' };
  }
  const parsed = cloudEventSchema.safeParse(value);
  if (!parsed.success) return { kind: 'invalid', errors: fieldErrors(parsed.error.issues) };
  const { source, id, type, data } = parsed.data;
  return { kind: 'event', source, id, type, data };
}
