import { isCloudEvent } from '../../vending/events/cloud-event.ts';
import { type CommandEvent, type IncomingEvent, readEvent } from '../../vending/events/incoming-event.ts';
import { type IdempotencyKey, parseIdempotencyKey } from '../../vending/model/idempotency.ts';
import type { FieldError, Problem } from '../../vending/model/problems.ts';
import { parseOrder } from '../../vending/request/operation.ts';
import { type Envelope, readDelayedCopy } from './delayed-copy.ts';
import { type OrderRead, orderOfEvent, orderRead } from './event-order.ts';
import type { QueueMessage } from './message.ts';
import { readWork, type Work } from './work.ts';

/** A message that asks for something, or the reason why it does not. */
export type Incoming =
  | {
      readonly kind: 'work';
      readonly work: Work;
      readonly envelope: Envelope;
    }
  | Rejected;

interface Rejected {
  readonly kind: 'rejected';
  readonly problem: Problem;
  /** Of the message that a copy stands for, where it is a copy that was rejected. */
  readonly envelope?: Envelope;
}

/** Senders on one request queue share a namespace of idempotency keys. */
export function readRequestMessage(message: QueueMessage): Incoming {
  const { body, queue } = message;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return NOT_JSON;
  return asked(message, `queue:${queue}`, isCloudEvent(body) ? readEventOrder(readEvent(body)) : readOrder(body));
}

/** An order that came as an event, by whomever it came. */
export const readCommandEvent = (message: QueueMessage, caller: string, event: CommandEvent): Incoming =>
  asked(message, caller, orderOfEvent(event));

/** Whoever asks and where the answer goes is what the message was put off with; the copy's own says nothing of that. */
export function readRetryMessage(message: QueueMessage): Incoming {
  const copy = readDelayedCopy(message.body);
  if (copy === undefined) return NO_COPY;
  const { envelope } = copy;
  const read = readWork(copy.work);
  if (read.kind === 'invalid') return { ...invalid(read.errors), envelope };
  const { work, key = envelope.key } = read;
  const isNameless = work.kind === 'order' && work.order.operation === 'vend' && key === undefined;
  return isNameless ? { ...NO_KEY, envelope } : { kind: 'work', work, envelope: { ...envelope, key } };
}

function asked(message: QueueMessage, caller: string, read: OrderRead): Incoming {
  if (read.kind === 'invalid') return invalid(read.errors);
  const { order, key = messageKey(message.messageId) } = read;
  if (order.operation === 'vend' && key === undefined) return NO_KEY;
  const { reference, messageId, replyTo, traceparent } = message;
  return {
    kind: 'work',
    work: { kind: 'order', order },
    envelope: {
      origin: 'sender',
      caller,
      roles: [],
      key,
      copies: 0,
      attempts: 0,
      reference,
      messageId,
      replyTo,
      traceparent,
    },
  };
}

function readOrder(body: object): OrderRead {
  const parsed = parseOrder(body);
  return parsed.kind === 'valid' ? orderRead(parsed.order, undefined) : parsed;
}

function readEventOrder(event: IncomingEvent): OrderRead {
  if (event.kind === 'command') return orderOfEvent(event);
  const errors = event.kind === 'invalid' ? event.errors : [{ pointer: '/type', detail: TYPES }];
  return { kind: 'invalid', errors };
}

const TYPES = 'must end in "apikey.requested.v1", "apikey.revoke.requested.v1" or "apikey.rotate.requested.v1"';

function messageKey(messageId: string | undefined): IdempotencyKey | undefined {
  const id = messageId === undefined ? undefined : parseIdempotencyKey(messageId);
  return id === undefined ? undefined : { kind: 'msg', messageId: id };
}

export const invalid = (errors: readonly FieldError[]): Rejected =>
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
