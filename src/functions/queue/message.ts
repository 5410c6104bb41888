import type { InvocationContext } from '@azure/functions';
import * as z from 'zod';
import { sentWith, traceparentOf } from '../trace.ts';

/**
 * A message as the host hands it over. The library parses a body that is JSON text, so that the text itself, duplicate
 * keys in it and invalid UTF-8 cannot be seen here; and the host lays top-level fields of a JSON body over the metadata
 * of the same name, so that nothing here may be trusted further than the body.
 */
export interface QueueMessage {
  readonly body: unknown;
  readonly queue: string;
  readonly messageId?: string | undefined;
  readonly replyTo?: string | undefined;
  /** In the queue; stable over redeliveries, as is what follows. */
  readonly sequenceNumber: string;
  /** The message's id, or where it has none its number. */
  readonly reference: string;
  /** What to go on from with its trace. */
  readonly traceparent?: string | undefined;
}

/** Characters; a limit of Service Bus. An id beyond it was forged in the body, and an answer that correlated with it could not be sent. */
export const MAX_MESSAGE_ID = 128;

/**
 * The library parses every text that is JSON: the id `42` arrives as a number. A number that many texts may have been,
 * such as one beyond 2^53, names none of them.
 */
const text = z
  .union([z.string().min(1), z.int().transform(String), z.boolean().transform(String)])
  .optional()
  .catch(undefined);
const metadataSchema = z.object({
  messageId: text.refine((id = '') => id.length <= MAX_MESSAGE_ID).catch(undefined),
  replyTo: text,
  applicationProperties: z.unknown().optional(),
  sequenceNumber: z
    .union([z.number(), z.string(), z.object({ low: z.number(), high: z.number() })])
    .transform((value) => (typeof value === 'object' ? `${value.high}:${value.low}` : String(value)))
    .catch('unknown'),
});

export function readMessage(body: unknown, queue: string, context: InvocationContext): QueueMessage {
  const metadata = metadataSchema.parse(context.triggerMetadata ?? {});
  const { messageId, replyTo, sequenceNumber } = metadata;
  const traceparent = traceparentOf(context, sentWith(metadata.applicationProperties));
  const reference = messageId ?? `#${sequenceNumber}`;
  return { body, queue, messageId, replyTo, sequenceNumber, reference, traceparent };
}

/** The body as text again, for a rejection; undefined where it is nested too deeply to be written. */
export function bodyText({ body }: QueueMessage): string | undefined {
  if (typeof body === 'string') return body;
  try {
    return JSON.stringify(body) ?? '';
  } catch {
    return undefined;
  }
}
