import rhea, { type Message, type Typed } from 'rhea';
import * as z from 'zod';
import type { MessageSummary } from '../../kit/traffic.ts';
import type { IncomingMessage, QueuedMessage } from '../queue/types.ts';
import { encodeHeader } from './rhea-internals.ts';
import { changedMap, readSections, SECTION, type Section } from './sections.ts';

/** The standard tier's limit, for one message as for one batch. */
export const MAX_MESSAGE_BYTES = 256 * 1024;

/** Message format of a transfer whose data sections are whole messages. */
const BATCH_FORMAT = 0x80013700;
const DATA_SECTION = 0x75;

/**
 * A message as its sender encoded it, and as rhea reads it. Only the first is handed out: rhea would write a `short`, a
 * `decimal` or a UUID as something else.
 */
export interface WireMessage {
  readonly sections: readonly Section[];
  readonly fields: Message;
}

/** Body sections as rhea presents them: several data sections as one with `multiple` set. */
const dataSectionSchema = z.object({
  typecode: z.literal(DATA_SECTION),
  content: z.union([z.instanceof(Buffer), z.array(z.instanceof(Buffer))]),
});

/** The messages of one transfer, or undefined if it cannot be decoded. */
export function unpackTransfer(payload: Buffer, format: number | null): WireMessage[] | undefined {
  try {
    const message = decode(payload);
    return format === BATCH_FORMAT ? dataSections(message.fields.body)?.map(decode) : [message];
  } catch {
    return undefined;
  }
}

/** @throws Error for bytes that are no message */
export const decode = (bytes: Buffer): WireMessage => ({
  sections: readSections(bytes),
  // rhea's typings have two messages, which differ in nothing that is here.
  fields: rhea.message.decode(bytes) as unknown as Message,
});

/** The data sections of a body; undefined: it has none, but a value or a sequence. */
export function dataSections(body: unknown): Buffer[] | undefined {
  const parsed = dataSectionSchema.safeParse(body);
  if (!parsed.success) return undefined;
  return Array.isArray(parsed.data.content) ? parsed.data.content : [parsed.data.content];
}

/** The properties of a message that the queue itself reads. */
export function toIncoming(content: WireMessage): IncomingMessage<WireMessage> {
  const { message_id, message_annotations, ttl } = content.fields;
  const scheduledFor: unknown = message_annotations?.['x-opt-scheduled-enqueue-time'];
  return {
    id: idText(message_id),
    scheduledFor: scheduledFor instanceof Date ? scheduledFor.getTime() : undefined,
    timeToLiveMs: ttl,
    content,
  };
}

/** AMQP ids are text, numbers, or UUIDs and binary, which rhea gives as bytes. */
export function idText(id: string | number | Buffer | undefined): string | undefined {
  return Buffer.isBuffer(id) ? id.toString('hex') : id?.toString();
}

/** What may be shown of a message to those who watch. */
export const summaryOf = ({ fields }: WireMessage): MessageSummary => ({
  subject: fields.subject,
  correlationId: idText(fields.correlation_id),
});

/**
 * The message as the service hands it out: with its own header and annotations, and with the properties that settlements
 * have added. All else is as it was sent, byte for byte.
 */
export function encodeForDelivery(message: QueuedMessage<WireMessage>, lockedUntil?: number): Buffer {
  const { wrap, wrap_string, wrap_symbol } = rhea.types;
  const { sections, fields } = message.content;
  const one = (code: number): Section | undefined => sections.find((section) => section.code === code);
  const annotations = Object.entries(brokerAnnotations(message, lockedUntil));
  const added = Object.entries(message.properties);
  const properties = one(SECTION.applicationProperties);
  return Buffer.concat([
    encodeHeader({ ...fields, delivery_count: message.deliveryCount }),
    changedMap(
      SECTION.messageAnnotations,
      one(SECTION.messageAnnotations),
      new Map(annotations.map(([key, value]) => [wrap_symbol(key), value])),
    ),
    one(SECTION.properties)?.bytes ?? Buffer.alloc(0),
    added.length === 0
      ? (properties?.bytes ?? Buffer.alloc(0))
      : changedMap(
          SECTION.applicationProperties,
          properties,
          new Map(added.map(([key, value]) => [wrap_string(key), wrap(value)])),
        ),
    ...sections.filter(({ code }) => code > SECTION.applicationProperties).map(({ bytes }) => bytes),
  ]);
}

/** Undefined: a sender's own of that name is none of the service's. */
function brokerAnnotations(
  message: QueuedMessage<WireMessage>,
  lockedUntil?: number,
): Record<string, Typed | undefined> {
  const { wrap_int, wrap_long, wrap_string, wrap_timestamp } = rhea.types;
  const { deadLetterSource } = message;
  return {
    'x-opt-sequence-number': wrap_long(message.sequenceNumber),
    'x-opt-enqueue-sequence-number': wrap_long(0),
    'x-opt-enqueued-time': wrap_timestamp(message.enqueuedAt),
    'x-opt-message-state': wrap_int(message.state === 'scheduled' ? 2 : 0),
    'x-opt-locked-until': lockedUntil === undefined ? undefined : wrap_timestamp(lockedUntil),
    'x-opt-deadletter-source': deadLetterSource === undefined ? undefined : wrap_string(deadLetterSource),
  };
}
