import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { depthOf } from './json-depth.ts';
import type { TypedData } from './rpc.ts';
import type { QueueTrigger } from './triggers.ts';

/** Newtonsoft.Json 13's default `MaxDepth`. */
const MAX_DEPTH = 64;
const LAST_TIME = '9999-12-31T23:59:59.9999999';

/**
 * The body as the host binds it: the bytes of a data section, or the string that UTF-8 makes of them, with U+FFFD for what is none.
 * @throws for an AMQP value that is no string, and for a sequence: the host fails such an invocation unseen.
 */
export function bodyData(message: ServiceBusReceivedMessage, dataType: QueueTrigger['dataType']): TypedData {
  const body: unknown = message.body;
  const { bodyType } = message._rawAmqpMessage;
  if (bodyType === 'data' && Buffer.isBuffer(body))
    return dataType === 'binary' ? { bytes: body } : { string: body.toString('utf8') };
  if (bodyType === 'value' && typeof body === 'string' && dataType === 'string') return { string: body };
  throw new Error(`A message with a ${bodyType} body cannot be bound to ${dataType} data.`);
}

/** The trigger's metadata, named and typed as the host's Service Bus extension does it. */
export function triggerMetadata(
  message: ServiceBusReceivedMessage,
  { string: body }: TypedData,
): Record<string, TypedData> {
  // A sender's property may be called `__proto__`, and its value be a date: the client makes that the prototype.
  const properties = json({ ...message.applicationProperties });
  const metadata: Record<string, TypedData> = {
    DeliveryCount: json((message.deliveryCount ?? 0) + 1),
    ...text('DeadLetterSource', message.deadLetterSource),
    ...text('LockToken', message.lockToken),
    ...instant('ExpiresAt', message.expiresAtUtc),
    ...instant('EnqueuedTime', message.enqueuedTimeUtc),
    ...text('MessageId', message.messageId),
    ...text('ContentType', message.contentType),
    ...text('ReplyTo', message.replyTo),
    // Beyond 2^53 in a partitioned queue: the library rounds it.
    SequenceNumber: { json: String(message.sequenceNumber ?? 0) },
    ...text('To', message.to),
    ...text('Subject', message.subject),
    ...text('Label', message.subject),
    ...text('CorrelationId', message.correlationId),
    ApplicationProperties: properties,
    UserProperties: properties,
    ...text('SessionId', message.sessionId),
    ...text('ReplyToSessionId', message.replyToSessionId),
    ...text('PartitionKey', message.partitionKey),
  };
  return body === undefined ? metadata : overlayBody(metadata, body);
}

const json = (value: unknown): TypedData => ({ json: JSON.stringify(value) });

const text = (name: string, value: unknown): Record<string, TypedData> =>
  value === undefined || value === null ? {} : { [name]: { string: String(value) } };

/** .NET renders the older `…Utc` of each pair without an offset, and drops trailing zeros of the fraction. */
function instant(name: string, time: Date | undefined): Record<string, TypedData> {
  const known = time !== undefined && time.getTime() <= Date.parse('9999-12-31T23:59:59.999Z');
  const local = known ? time.toISOString().replace(/\.?0*Z$/, '') : LAST_TIME;
  return { [`${name}Utc`]: json(local), [name]: json(`${local}+00:00`) };
}

/**
 * The host copies the top-level properties of a JSON body over the metadata, all but arrays and nulls, in any case of
 * letters. So a sender's body can forge `messageId` or `applicationProperties`. Only `dataType: 'binary'` protects a
 * function from that. The host ignores a body that it cannot parse, or that has more than 64 levels. The function still
 * gets it (`Utility.ApplyBindingData` of azure-functions-host).
 */
function overlayBody(metadata: Record<string, TypedData>, body: string): Record<string, TypedData> {
  const result = { ...metadata };
  for (const [key, value] of Object.entries(parseObject(body))) {
    if (value === null || Array.isArray(value)) continue;
    const existing = Object.keys(result).find((name) => name.toLowerCase() === key.toLowerCase());
    result[existing ?? key] = typeof value === 'object' ? json(value) : { string: dotNetString(value) };
  }
  return result;
}

function parseObject(body: string): object {
  if (depthOf(body) > MAX_DEPTH) return {};
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

const dotNetString = (value: unknown): string =>
  typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
