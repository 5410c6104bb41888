import rhea from 'rhea';
import { definedOnly } from './queue/defined-only.ts';
import { decode, type WireMessage } from './wire/wire-message.ts';

/** A message as the control API takes it. */
export interface ControlMessage {
  /** A string is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  /** Sent instead of `body`, as bytes. */
  readonly bodyBase64?: string | undefined;
  readonly messageId?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly replyToSessionId?: string | undefined;
  readonly timeToLiveMs?: number | undefined;
  readonly contentType?: string | undefined;
  readonly subject?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly applicationProperties?: Record<string, unknown> | undefined;
}

export function toMessage(message: ControlMessage): WireMessage {
  const encoded = rhea.message.encode({
    ...definedOnly({
      message_id: message.messageId,
      reply_to: message.replyTo,
      reply_to_group_id: message.replyToSessionId,
      ttl: message.timeToLiveMs,
      content_type: message.contentType,
      subject: message.subject,
      correlation_id: message.correlationId,
      application_properties: message.applicationProperties,
    }),
    body: rhea.message.data_section(toBytes(message)),
  });
  return decode(encoded);
}

function toBytes({ body, bodyBase64 }: ControlMessage): Buffer {
  if (bodyBase64 !== undefined) return Buffer.from(bodyBase64, 'base64');
  return Buffer.from(typeof body === 'string' ? body : (JSON.stringify(body) ?? ''));
}
