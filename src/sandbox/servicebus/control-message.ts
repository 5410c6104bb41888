import rhea, { type Message } from 'rhea';

/** A message as the control API takes it. */
export interface ControlMessage {
  /** A string is sent as it is, anything else as JSON. */
  readonly body: unknown;
  /** Sent instead of `body`, as bytes. */
  readonly bodyBase64?: string;
  readonly messageId?: string;
  readonly replyTo?: string;
  readonly contentType?: string;
  readonly subject?: string;
  readonly correlationId?: string;
  readonly applicationProperties?: Record<string, unknown>;
}

export function toMessage(message: ControlMessage): Message {
  const { messageId, replyTo, contentType, subject, correlationId, applicationProperties } = message;
  return {
    ...(messageId === undefined ? {} : { message_id: messageId }),
    ...(replyTo === undefined ? {} : { reply_to: replyTo }),
    ...(contentType === undefined ? {} : { content_type: contentType }),
    ...(subject === undefined ? {} : { subject }),
    ...(correlationId === undefined ? {} : { correlation_id: correlationId }),
    ...(applicationProperties === undefined ? {} : { application_properties: applicationProperties }),
    body: rhea.message.data_section(toBytes(message)),
  };
}

function toBytes({ body, bodyBase64 }: ControlMessage): Buffer {
  if (bodyBase64 !== undefined) return Buffer.from(bodyBase64, 'base64');
  return Buffer.from(typeof body === 'string' ? body : (JSON.stringify(body) ?? ''));
}
