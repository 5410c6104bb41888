import * as z from 'zod';

/** Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md, section Context Attributes. */
const ATTRIBUTES: readonly string[] = [
  ...['specversion', 'id', 'source', 'type', 'subject', 'time'],
  ...['datacontenttype', 'dataschema', 'data', 'data_base64'],
];
const EXTENSION_NAME = /^[a-z0-9]+$/;
const URI_REFERENCE = /^[^\s<>"{}|\\^`]+$/;
/** RFC 3339: seconds are not optional. */
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;
const MEDIA_TYPE = /^[\w.+-]+\/[\w.+*-]+(\s*;.+)?$/;

const nonEmpty = z.string().min(1);

const cloudEventSchema = z
  .looseObject({
    specversion: z.literal('1.0'),
    id: nonEmpty,
    source: z.string().regex(URI_REFERENCE, 'must be a URI reference'),
    type: nonEmpty,
    subject: nonEmpty.exactOptional(),
    time: z
      .string()
      .regex(TIMESTAMP, 'must be an RFC 3339 timestamp')
      .refine((text) => !Number.isNaN(Date.parse(text)), 'must be a time that exists')
      .exactOptional(),
    datacontenttype: z.string().regex(MEDIA_TYPE, 'must be a media type').exactOptional(),
    dataschema: z.url().exactOptional(),
    data_base64: z.base64().exactOptional(),
  })
  .superRefine((event, context) => {
    const refuse = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message, input: event });
    if ('data' in event && 'data_base64' in event) refuse('data', 'data and data_base64 exclude each other');
    for (const [name, value] of Object.entries(event)) {
      if (ATTRIBUTES.includes(name)) continue;
      if (!EXTENSION_NAME.test(name)) refuse(name, 'names of attributes are lower-case letters and digits');
      if (!isAttributeValue(value)) refuse(name, 'must be a string, a boolean or a 32-bit integer');
    }
  });

export type CloudEvent = z.infer<typeof cloudEventSchema>;

const isAttributeValue = (value: unknown): boolean =>
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  (Number.isInteger(value) && Number(value) === ~~Number(value));

/** As the JSON format has it, held to every rule. @throws ZodError */
export const parseCloudEvent = (value: unknown): CloudEvent => cloudEventSchema.parse(value);
