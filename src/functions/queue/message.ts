import type { InvocationContext } from '@azure/functions';
import * as z from 'zod';

/**
 * A message as the host hands it over. The library parses a body that is JSON text and camel-cases the names in the
 * trigger's metadata, so that the text itself, duplicate keys in it and invalid UTF-8 cannot be seen here.
 */
export interface QueueMessage {
  readonly body: unknown;
  readonly queue: string;
  readonly messageId?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly applicationProperties: Readonly<Record<string, unknown>>;
  /** Stable over redeliveries, for messages without an id. */
  readonly sequenceNumber: string;
}

const text = z.string().min(1).optional().catch(undefined);
const metadataSchema = z.object({
  messageId: text,
  replyTo: text,
  applicationProperties: z.record(z.string(), z.unknown()).catch({}),
  sequenceNumber: z
    .union([z.number(), z.string(), z.object({ low: z.number(), high: z.number() })])
    .transform((value) => (typeof value === 'object' ? `${value.high}:${value.low}` : String(value)))
    .catch('unknown'),
});

export function readMessage(body: unknown, queue: string, context: InvocationContext): QueueMessage {
  return { body, queue, ...metadataSchema.parse(context.triggerMetadata ?? {}) };
}

/** The body as text again, for a copy or a rejection. */
export const bodyText = ({ body }: QueueMessage): string =>
  typeof body === 'string' ? body : (JSON.stringify(body) ?? '');
