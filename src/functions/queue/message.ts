import { createHash } from 'node:crypto';
import type { InvocationContext } from '@azure/functions';
import * as z from 'zod';
import { traceparentIn, traceparentOf } from '../context.ts';

/** Characters. Service Bus takes no longer message, correlation or session id. */
const MAX_ID = 128;

/** Where the answer to a message goes, and what it repeats of the message. */
export const replyTargetSchema = z.strictObject({
  /** As the sender wrote it. Absent: the result queue. */
  queue: z.string().optional(),
  sessionId: z.string().max(MAX_ID).optional(),
  correlationId: z.string().max(MAX_ID).optional(),
  sequenceNumber: z.string().optional(),
  /** ISO 8601. */
  enqueuedTime: z.string().optional(),
});

export type ReplyTarget = Readonly<z.infer<typeof replyTargetSchema>>;

/** A message as the host hands it over, its body byte for byte. */
export interface QueueMessage {
  readonly body: Uint8Array;
  readonly queue: string;
  readonly messageId?: string | undefined;
  /** There is an id, and several texts may have become what arrived. */
  readonly isIdAmbiguous: boolean;
  /** The same of the session that the sender wants the answer in. */
  readonly isSessionAmbiguous: boolean;
  /** Event Grid delivered it, and made up its id. */
  readonly isFromEventGrid: boolean;
  readonly reply: ReplyTarget;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
  /** Names this message among all others. The same for every delivery of it. */
  readonly reference: string;
  readonly traceparent?: string | undefined;
}

/**
 * The library parses every text that is JSON: the id `4711` arrives as a number, and so do `4711.0` and `4711e0`. An integer
 * of up to 15 digits stands for its digits. Any other value names nothing.
 */
const idSchema = z.union([
  z.string().min(1).max(MAX_ID),
  z
    .int()
    .refine((number) => Math.abs(number) < 1e15 && !Object.is(number, -0))
    .transform(String),
]);
const text = z
  .union([z.string().min(1), z.number().transform(String), z.boolean().transform(String)])
  .optional()
  .catch(undefined);
/** .NET writes its UTC times without an offset. */
const time = z
  .string()
  .max(64)
  .transform((value) => Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(value) ? value : `${value}Z`))
  .pipe(z.int())
  .optional()
  .catch(undefined);
const sequenceNumber = z
  .union([
    z.number().transform(String),
    z.string().max(MAX_ID),
    z
      .object({ low: z.int32(), high: z.int32() })
      .transform(({ low, high }) => String((BigInt(high) << 32n) | BigInt(low >>> 0))),
  ])
  .optional()
  .catch(undefined);
const metadataSchema = z.object({
  messageId: z.unknown().optional(),
  sequenceNumber,
  enqueuedTimeUtc: time,
  expiresAtUtc: time,
  replyTo: text,
  replyToSessionId: z.unknown().optional(),
  applicationProperties: z.unknown().optional(),
});

/** https://learn.microsoft.com/azure/event-grid/handler-service-bus#message-headers */
const eventGridSchema = z.object({ 'aeg-event-type': z.string() });

/**
 * @returns undefined where the invocation did not come from Service Bus, which gives every message a lock token and a
 *   sequence number. Anybody with the master key can call a queue function with a message of their own.
 */
export function readMessage(body: unknown, queue: string, context: InvocationContext): QueueMessage | undefined {
  const { triggerMetadata = {} } = context;
  // The host would copy the fields of a body that is bound as text over the metadata.
  if (!(body instanceof Uint8Array)) return undefined;
  if (isAbsent(triggerMetadata.lockToken) || isAbsent(triggerMetadata.sequenceNumber)) return undefined;
  const metadata = metadataSchema.parse(triggerMetadata);
  const messageId = idSchema.safeParse(metadata.messageId).data;
  const sessionId = idSchema.safeParse(metadata.replyToSessionId).data;
  const isSessionAmbiguous = sessionId === undefined && !isAbsent(metadata.replyToSessionId);
  const { sequenceNumber, enqueuedTimeUtc, expiresAtUtc: expiresAt } = metadata;
  const enqueuedTime = enqueuedTimeUtc === undefined ? undefined : new Date(enqueuedTimeUtc).toISOString();
  return {
    body,
    queue,
    messageId,
    isIdAmbiguous: messageId === undefined && metadata.messageId !== undefined && metadata.messageId !== '',
    isSessionAmbiguous,
    isFromEventGrid: eventGridSchema.safeParse(metadata.applicationProperties).success,
    reply: {
      // A queue with sessions takes no message without one.
      queue: isSessionAmbiguous ? undefined : metadata.replyTo,
      sessionId,
      correlationId: messageId,
      sequenceNumber,
      enqueuedTime,
    },
    expiresAt,
    // Sequence numbers of a partitioned queue pass 2^53 and arrive rounded, so two messages may share one.
    reference: hashOf(queue, sequenceNumber, enqueuedTime, messageId, digestOf(body)),
    traceparent: traceparentOf(context, traceparentIn(metadata.applicationProperties)),
  };
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === '';

/** SHA-256, hexadecimal, of a JSON array. */
export const hashOf = (...parts: readonly (string | number | undefined)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What answers to an event carry. It cannot be mistaken for the id of a message. */
export const correlationOf = ({ source, id }: { readonly source: string; readonly id: string }): string =>
  `ce:${hashOf(source, id)}`;
