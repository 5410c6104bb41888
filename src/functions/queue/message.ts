import type { InvocationContext } from '@azure/functions';
import * as z from 'zod';

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
  /** The message's id, or where it has none its number in the queue: stable over redeliveries. */
  readonly reference: string;
}

const text = z.string().min(1).optional().catch(undefined);
const metadataSchema = z.object({
  messageId: text,
  replyTo: text,
  sequenceNumber: z
    .union([z.number(), z.string(), z.object({ low: z.number(), high: z.number() })])
    .transform((value) => (typeof value === 'object' ? `${value.high}:${value.low}` : String(value)))
    .catch('unknown'),
});

export function readMessage(body: unknown, queue: string, context: InvocationContext): QueueMessage {
  const { messageId, replyTo, sequenceNumber } = metadataSchema.parse(context.triggerMetadata ?? {});
  return { body, queue, messageId, replyTo, reference: messageId ?? `#${sequenceNumber}` };
}

/** The body as text again, for a rejection. */
export const bodyText = ({ body }: QueueMessage): string =>
  typeof body === 'string' ? body : (JSON.stringify(body) ?? '');
