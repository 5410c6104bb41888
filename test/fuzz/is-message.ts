import type { Message } from './arbitraries/messages.ts';
import { type Fields, isIdempotencyKey, isObject, isRequest } from './is-request.ts';

const isFilled = (value: unknown): boolean => typeof value === 'string' && value !== '';

/** An application media type of JSON, with or without parameters. */
function isJsonType(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const [type = ''] = value.toLowerCase().split(';');
  const name = type.replace(/ *$/, '');
  return name === 'application/json' || (name.startsWith('application/') && name.endsWith('+json'));
}

const isOfType = (type: unknown, name: string): boolean => typeof type === 'string' && `.${type}`.endsWith(`.${name}`);

function isEvent(event: Fields): boolean {
  const { specversion, id, source, type, datacontenttype, data_base64: binary } = event;
  const isRequested = isOfType(type, 'apikey.requested.v1');
  const isJson = datacontenttype === undefined || datacontenttype === null || isJsonType(datacontenttype);
  const isText = binary === undefined || binary === null;
  return specversion === '1.0' && isFilled(id) && isFilled(source) && isRequested && isJson && isText;
}

/** By either schema of events. Larger data than a request over HTTP may have are refused. */
export function eventAsksForKey(event: unknown): boolean {
  if (!isObject(event)) return false;
  const { id, topic, source, eventType, data } = event;
  const isMeantAsCloudEvent = Object.hasOwn(event, 'specversion');
  const isOurs = isMeantAsCloudEvent
    ? isEvent(event)
    : isFilled(id) && isFilled(topic) && isOfType(eventType, 'apikey.requested.v1');
  const written = JSON.stringify([isMeantAsCloudEvent ? source : topic, id, data]);
  return isOurs && isRequest(data) && written.length <= 16 * 1024;
}

/** The library parses an id that is JSON. A whole number of up to 15 digits stands for its text. */
function messageIdOf(value: unknown): string | undefined {
  const isNumber = Number.isInteger(value) && Math.abs(Number(value)) < 1e15 && !Object.is(value, -0);
  const text = isNumber ? String(value) : value;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** A queue's name. */
const nameOf = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value).toLowerCase() || undefined
    : undefined;

/** @param replyQueues where a sender may ask to be answered. */
export function asksForKey({ body, metadata }: Message, replyQueues: readonly string[]): boolean {
  if (!isObject(body)) return false;
  const isMeantAsEvent = Object.hasOwn(body, 'specversion');
  const request = isMeantAsEvent ? body.data : body;
  if ((isMeantAsEvent && !isEvent(body)) || !isRequest(request)) return false;
  const isNamed =
    typeof request.idempotencyKey === 'string' ||
    isMeantAsEvent ||
    isIdempotencyKey(messageIdOf(metadata.messageId) ?? '');
  const replyTo = nameOf(metadata.replyTo);
  return isNamed && (replyTo === undefined || replyQueues.includes(replyTo));
}

const MEMBERS = ['envelope', 'work'];
const OF_ENVELOPE = [
  ...['origin', 'caller', 'roles', 'rescheduleCount', 'attempts', 'reference', 'reply'],
  ...['expiresAt', 'traceparent'],
];

/** In outline: what is not of this form cannot be a retry message of the function. */
export function isRetryMessage(body: unknown): boolean {
  if (!isObject(body) || !isObject(body.envelope)) return false;
  const { origin, caller, roles, rescheduleCount, attempts, reference, reply } = body.envelope;
  return (
    Object.keys(body).every((name) => MEMBERS.includes(name)) &&
    Object.keys(body.envelope).every((name) => OF_ENVELOPE.includes(name)) &&
    (origin === 'sender' || origin === 'service') &&
    isFilled(caller) &&
    Array.isArray(roles) &&
    isObject(reply) &&
    Number.isSafeInteger(rescheduleCount) &&
    Number.isSafeInteger(attempts) &&
    typeof reference === 'string'
  );
}
