import * as z from 'zod';

export const messageRequestSchema = z
  .strictObject({
    /** A string is sent as it is, anything else as JSON. */
    body: z.unknown().optional(),
    /** Bytes that are no text, instead of `body`. */
    bodyBase64: z.base64().exactOptional(),
    messageId: z.string().exactOptional(),
    replyTo: z.string().exactOptional(),
    replyToSessionId: z.string().exactOptional(),
    timeToLiveMs: z.int().min(1).exactOptional(),
    contentType: z.string().exactOptional(),
    subject: z.string().exactOptional(),
    correlationId: z.string().exactOptional(),
    applicationProperties: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).exactOptional(),
  })
  .refine(({ body, bodyBase64 }) => (body === undefined) !== (bodyBase64 === undefined), {
    path: ['body'],
    error: 'Give either body or bodyBase64',
  });
