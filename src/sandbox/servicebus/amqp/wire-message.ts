import rhea, { type Message } from 'rhea';
import * as z from 'zod';
import { definedOnly } from '../defined-only.ts';
import type { IncomingMessage, QueuedMessage } from '../queue/types.ts';

/** The standard tier's limit, for one message as for one batch. */
export const MAX_MESSAGE_BYTES = 256 * 1024;

export const SINGLE_MESSAGE_FORMAT = 0;
/** Message format of a transfer whose data sections are whole messages. */
const BATCH_FORMAT = 0x80013700;
const DATA_SECTION = 0x75;

/** Body sections as rhea presents them: several data sections as one with `multiple` set. */
const dataSectionSchema = z.object({
  typecode: z.literal(DATA_SECTION),
  content: z.union([z.instanceof(Buffer), z.array(z.instanceof(Buffer))]),
});

/** The messages of one transfer, or undefined if it cannot be decoded. rhea has decoded format 0 already. */
export function unpackTransfer(payload: Message | Buffer, format: number): Message[] | undefined {
  if (!Buffer.isBuffer(payload)) return [payload];
  try {
    const message = decode(payload);
    return format === BATCH_FORMAT ? dataSections(message.body)?.map(decode) : [message];
  } catch {
    return undefined;
  }
}

const decode = (bytes: Buffer): Message => rhea.message.decode(bytes) as unknown as Message;

export const sizeOf = (payload: Message | Buffer): number =>
  Buffer.isBuffer(payload) ? payload.length : rhea.message.encode(payload).length;

/** The data sections of a body; undefined: it has none, but a value or a sequence. */
export function dataSections(body: unknown): Buffer[] | undefined {
  const parsed = dataSectionSchema.safeParse(body);
  if (!parsed.success) return undefined;
  return Array.isArray(parsed.data.content) ? parsed.data.content : [parsed.data.content];
}

/** What the queue needs to know of a message. */
export function toIncoming(content: Message): IncomingMessage<Message> {
  const scheduledFor: unknown = content.message_annotations?.['x-opt-scheduled-enqueue-time'];
  return {
    id: idText(content.message_id),
    scheduledFor: scheduledFor instanceof Date ? scheduledFor.getTime() : undefined,
    timeToLiveMs: content.ttl,
    content,
  };
}

/** AMQP ids are text, numbers, or UUIDs and binary, which rhea gives as bytes. */
export function idText(id: string | number | Buffer | undefined): string | undefined {
  return Buffer.isBuffer(id) ? id.toString('hex') : id?.toString();
}

/** The message as the service hands it out, with its own annotations. `lockedUntil`: ms since the epoch. */
export function encodeForDelivery(message: QueuedMessage<Message>, lockedUntil?: number): Buffer {
  const { content, properties } = message;
  const application = { ...content.application_properties, ...properties };
  return rhea.message.encode({
    ...content,
    delivery_annotations: undefined,
    delivery_count: message.deliveryCount,
    message_annotations: { ...content.message_annotations, ...brokerAnnotations(message, lockedUntil) },
    application_properties: Object.keys(application).length === 0 ? undefined : application,
  });
}

function brokerAnnotations(message: QueuedMessage<Message>, lockedUntil?: number): Record<string, unknown> {
  const { wrap_int, wrap_long, wrap_timestamp } = rhea.types;
  return definedOnly({
    'x-opt-sequence-number': wrap_long(message.sequenceNumber),
    'x-opt-enqueue-sequence-number': wrap_long(0),
    'x-opt-enqueued-time': wrap_timestamp(message.enqueuedAt),
    'x-opt-message-state': wrap_int(message.state === 'scheduled' ? 2 : 0),
    'x-opt-locked-until': lockedUntil === undefined ? undefined : wrap_timestamp(lockedUntil),
    'x-opt-deadletter-source': message.deadLetterSource,
  });
}
