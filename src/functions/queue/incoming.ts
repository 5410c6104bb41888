import { readCloudEvent } from '../../vending/cloud-event.ts';
import { type IdempotencyKey, parseIdempotencyKey } from '../../vending/idempotency.ts';
import type { FieldError, Problem } from '../../vending/problems.ts';
import { parseRequest } from '../../vending/request.ts';
import type { VendCommand } from '../../vending/vend.ts';
import { type Envelope, readDelayedCopy } from './delayed-copy.ts';
import type { QueueMessage } from './message.ts';

/** A message that asks for a key, or the reason why it does not. */
export type Incoming =
  | {
      readonly kind: 'request';
      readonly command: VendCommand;
      readonly envelope: Envelope;
    }
  | Rejected;

interface Rejected {
  readonly kind: 'rejected';
  readonly problem: Problem;
  /** Of the message that a copy stands for, where it is a copy that was rejected. */
  readonly envelope?: Envelope;
}

type Body =
  | { readonly kind: 'request'; readonly request: VendCommand['request']; readonly key: IdempotencyKey | undefined }
  | Rejected;

/** Senders on one request queue share a namespace of idempotency keys. */
export function readRequestMessage(message: QueueMessage): Incoming {
  const body = readBody(message.body);
  if (body.kind === 'rejected') return body;
  const key = body.key ?? messageKey(message.messageId);
  if (key === undefined) return NO_KEY;
  const { queue, reference, messageId, replyTo } = message;
  const caller = `queue:${queue}`;
  return {
    kind: 'request',
    command: { caller: { id: caller, roles: [] }, key, request: body.request },
    envelope: { caller, key, copies: 0, attempts: 0, reference, messageId, replyTo },
  };
}

/** Caller, key and reply queue are those of the message that was put off; the copy's own say nothing of them. */
export function readRetryMessage(message: QueueMessage): Incoming {
  const copy = readDelayedCopy(message.body);
  if (copy === undefined) return NO_COPY;
  const { envelope } = copy;
  const parsed = parseRequest(copy.request);
  if (parsed.kind === 'invalid') return { ...invalid(parsed.errors), envelope };
  const caller = { id: envelope.caller, roles: [] };
  return { kind: 'request', command: { caller, key: envelope.key, request: parsed.request }, envelope };
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

const invalid = (errors: readonly FieldError[]): Rejected =>
  rejected({ type: 'invalid-request', detail: 'The message breaks the rules listed in errors.', errors });

function rejected(problem: Problem): Rejected {
  return { kind: 'rejected', problem };
}

const NOT_JSON = rejected({
  type: 'malformed-request',
  detail: 'The message body must be one JSON object in UTF-8.',
});

const NO_COPY = rejected({
  type: 'invalid-request',
  detail: 'This queue takes nothing but the copies that the service itself puts off.',
});

const NO_KEY = rejected({
  type: 'idempotency-key-required',
  detail:
    'Set messageId on the message (1 to 128 printable characters, no bare number of more than 15 digits) or idempotencyKey in its body, the same for every retry of this request.',
});
