import { readCloudEvent } from '../../vending/cloud-event.ts';
import { type IdempotencyKey, parseIdempotencyKey } from '../../vending/idempotency.ts';
import type { FieldError, Problem } from '../../vending/problems.ts';
import { parseRequest } from '../../vending/request.ts';
import type { VendCommand } from '../../vending/vend.ts';
import type { QueueMessage } from './message.ts';
import { RETRY_PROPERTY, type RetryEnvelope, readEnvelope } from './retry-envelope.ts';

/** A message that asks for a key, or the reason why it does not. */
export type Incoming =
  | { readonly kind: 'request'; readonly command: VendCommand; readonly envelope: RetryEnvelope }
  | { readonly kind: 'rejected'; readonly problem: Problem };

type Body =
  | { readonly kind: 'request'; readonly request: VendCommand['request']; readonly key: IdempotencyKey | undefined }
  | { readonly kind: 'rejected'; readonly problem: Problem };

/** @param queue the request queue that the message came from: senders on one queue share a namespace of keys. */
export function readRequestMessage(message: QueueMessage, queue: string): Incoming {
  if (message.applicationProperties[RETRY_PROPERTY] !== undefined) {
    return invalid([{ pointer: `/applicationProperties/${RETRY_PROPERTY}`, detail: 'only the service may set this' }]);
  }
  const body = readBody(message.body);
  if (body.kind === 'rejected') return body;
  const key = body.key ?? messageKey(message.messageId);
  if (key === undefined) return NO_KEY;
  const caller = `queue:${queue}`;
  const reference = message.messageId ?? message.sequenceNumber;
  return {
    kind: 'request',
    command: { caller: { id: caller, roles: [] }, key, request: body.request },
    envelope: { caller, key, count: 0, messageId: message.messageId, reference },
  };
}

/** A delayed copy: caller and key as the envelope says, for the copy's own queue and id say nothing of them. */
export function readRetryMessage(message: QueueMessage): Incoming {
  const envelope = readEnvelope(message.applicationProperties[RETRY_PROPERTY]);
  if (envelope === undefined) {
    return invalid([{ pointer: `/applicationProperties/${RETRY_PROPERTY}`, detail: 'is missing or not ours' }]);
  }
  const body = readBody(message.body);
  if (body.kind === 'rejected') return body;
  const caller = { id: envelope.caller, roles: [] };
  return { kind: 'request', command: { caller, key: envelope.key, request: body.request }, envelope };
}

function readBody(body: unknown): Body {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return NOT_JSON;
  const event = readCloudEvent(body);
  if (event.kind === 'invalid') return invalid(event.errors);
  const parsed = parseRequest(event.kind === 'event' ? event.data : body);
  if (parsed.kind === 'invalid') return invalid(event.kind === 'event' ? parsed.errors.map(inData) : parsed.errors);
  const { request } = parsed;
  return { kind: 'request', request, key: keyOf(request.idempotencyKey, event) };
}

function keyOf(
  idempotencyKey: string | undefined,
  event: ReturnType<typeof readCloudEvent>,
): IdempotencyKey | undefined {
  if (idempotencyKey !== undefined) return { kind: 'key', key: idempotencyKey };
  return event.kind === 'event' ? { kind: 'ce', source: event.source, id: event.id } : undefined;
}

function messageKey(messageId: string | undefined): IdempotencyKey | undefined {
  const id = messageId === undefined ? undefined : parseIdempotencyKey(messageId);
  return id === undefined ? undefined : { kind: 'msg', messageId: id };
}

const inData = ({ pointer, detail }: FieldError): FieldError => ({ pointer: `/data${pointer}`, detail });

const invalid = (errors: readonly FieldError[]): { kind: 'rejected'; problem: Problem } => ({
  kind: 'rejected',
  problem: { type: 'invalid-request', detail: 'The message breaks the rules listed in errors.', errors },
});

const NOT_JSON = {
  kind: 'rejected',
  problem: { type: 'malformed-request', detail: 'The message body must be one JSON object in UTF-8.' },
} as const;

const NO_KEY = {
  kind: 'rejected',
  problem: {
    type: 'idempotency-key-required',
    detail: 'Set messageId on the message (or idempotencyKey in its body), the same for every retry of this request.',
  },
} as const;
