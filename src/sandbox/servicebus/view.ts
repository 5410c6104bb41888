import { definedOnly } from './queue/defined-only.ts';
import type { QueuedMessage } from './queue/types.ts';
import { dataSections, idText, type WireMessage } from './wire/wire-message.ts';

/** A message as people and tests look at it. */
export interface MessageView {
  readonly messageId?: string;
  readonly correlationId?: string;
  readonly subject?: string;
  readonly replyTo?: string;
  readonly sessionId?: string;
  readonly contentType?: string;
  /** JSON where it parses, else text, else `{base64}`. */
  readonly body: unknown;
  readonly applicationProperties: Record<string, unknown>;
  readonly deliveryCount: number;
  readonly sequenceNumber: number;
  readonly enqueuedTimeUtc: string;
  readonly scheduledEnqueueTimeUtc?: string;
  readonly state: 'active' | 'scheduled' | 'locked';
  readonly deadLetterReason?: string;
  readonly deadLetterDescription?: string;
}

export function toView(message: QueuedMessage<WireMessage>): MessageView {
  const { properties, scheduledFor } = message;
  const { fields } = message.content;
  const { DeadLetterReason: reason, DeadLetterErrorDescription: description } = properties;
  return {
    ...definedOnly({
      messageId: idText(fields.message_id),
      correlationId: idText(fields.correlation_id),
      subject: fields.subject,
      replyTo: fields.reply_to,
      sessionId: fields.group_id,
      contentType: fields.content_type,
      scheduledEnqueueTimeUtc: scheduledFor === undefined ? undefined : new Date(scheduledFor).toISOString(),
      deadLetterReason: typeof reason === 'string' ? reason : undefined,
      deadLetterDescription: typeof description === 'string' ? description : undefined,
    }),
    body: bodyOf(message.content),
    applicationProperties: { ...fields.application_properties, ...properties },
    deliveryCount: message.deliveryCount,
    sequenceNumber: message.sequenceNumber,
    enqueuedTimeUtc: new Date(message.enqueuedAt).toISOString(),
    state: message.state,
  };
}

/** A test that waits for a message reads all of them repeatedly, so a body is parsed once. */
const bodies = new WeakMap<WireMessage, { readonly body: unknown }>();

function bodyOf(content: WireMessage): unknown {
  const known = bodies.get(content) ?? { body: viewBody(content.fields.body) };
  bodies.set(content, known);
  return known.body;
}

function viewBody(body: unknown): unknown {
  const sections = dataSections(body);
  if (sections !== undefined) return viewBytes(Buffer.concat(sections));
  if (Buffer.isBuffer(body)) return viewBytes(body);
  return typeof body === 'string' ? parsedOr(body) : body;
}

function viewBytes(bytes: Buffer): unknown {
  try {
    return parsedOr(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return { base64: bytes.toString('base64') };
  }
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
