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

function isEvent(event: Fields): boolean {
  const { specversion, id, source, type, datacontenttype, data_base64: binary } = event;
  const isRequested = typeof type === 'string' && `.${type}`.endsWith('.apikey.requested.v1');
  const isJson = datacontenttype === undefined || datacontenttype === null || isJsonType(datacontenttype);
  return specversion === '1.0' && isFilled(id) && isFilled(source) && isRequested && isJson && binary === undefined;
}

/** The library turns an id that is JSON into a value: one of which its text can be told is as good as the text. */
function textOf(value: unknown): string | undefined {
  const isTold = typeof value === 'boolean' || Number.isSafeInteger(value);
  const text = isTold ? String(value) : value;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** @param replyQueues where a sender may ask to be answered. */
export function asksForKey({ body, metadata }: Message, replyQueues: readonly string[]): boolean {
  if (!isObject(body)) return false;
  const isMeantAsEvent = Object.hasOwn(body, 'specversion');
  const request = isMeantAsEvent ? body.data : body;
  if ((isMeantAsEvent && !isEvent(body)) || !isRequest(request)) return false;
  const isNamed =
    request.idempotencyKey !== undefined || isMeantAsEvent || isIdempotencyKey(textOf(metadata.messageId) ?? '');
  const replyTo = textOf(metadata.replyTo);
  return isNamed && (replyTo === undefined || replyQueues.includes(replyTo));
}

const MEMBERS = ['envelope', 'work'];
const OF_ENVELOPE = ['origin', 'caller', 'roles', 'key', 'copies', 'attempts', 'reference', 'messageId', 'replyTo'];

/** In outline: what is not of this form cannot have been put off by the function. */
export function isDelayedCopy(body: unknown): boolean {
  if (!isObject(body) || !isObject(body.envelope)) return false;
  const { origin, caller, roles, key, copies, attempts, reference } = body.envelope;
  return (
    Object.keys(body).every((name) => MEMBERS.includes(name)) &&
    Object.keys(body.envelope).every((name) => OF_ENVELOPE.includes(name)) &&
    (origin === 'sender' || origin === 'service') &&
    isFilled(caller) &&
    Array.isArray(roles) &&
    (key === undefined || isObject(key)) &&
    Number.isSafeInteger(copies) &&
    Number.isSafeInteger(attempts) &&
    typeof reference === 'string'
  );
}
