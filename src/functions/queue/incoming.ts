import { isCloudEvent } from '../../vending/events/envelope.ts';
import {
  COMMAND_TYPES,
  type CommandEvent,
  type IncomingEvent,
  isBrokenCommand,
  MAX_EVENTS,
  readEvent,
  readEvents,
} from '../../vending/events/incoming.ts';
import { type IdempotencyKey, parseIdempotencyKey } from '../../vending/model/idempotency.ts';
import { type Problem, problemOf, type Result } from '../../vending/model/problems.ts';
import type { ActionableEvent } from '../../vending/ports/messaging.ts';
import type { Log } from '../../vending/ports/telemetry.ts';
import { parseStrictJson } from '../../vending/request/strict-json.ts';
import { correlationOf, type QueueMessage, type ReplyTarget } from './message.ts';
import { type Envelope, readRetryMessage } from './retry-messages.ts';
import {
  invalidMessage,
  NO_KEY,
  readWork,
  type Work,
  type WorkRead,
  type WrittenWork,
  workOf,
  workOfEvent,
} from './work.ts';

/** A message that asks for something, or the reason why it does not. */
export type Incoming = { readonly kind: 'work'; readonly work: Work; readonly envelope: Envelope } | Rejected;

interface Rejected {
  readonly kind: 'rejected';
  readonly problem: Problem;
  readonly reply: ReplyTarget;
  readonly traceparent?: string | undefined;
  /** What the sender sent, where that is not the body of this message. */
  readonly sent?: WrittenWork;
}

/** Senders on one request queue share a namespace of idempotency keys. */
export function readRequestMessage(message: QueueMessage): Incoming {
  const { queue } = message;
  if (message.isSessionAmbiguous) return reject(message, AMBIGUOUS_SESSION);
  const read = readJson(message);
  if (read.kind === 'invalid') return reject(message, read.problem);
  const { value } = read;
  if (typeof value === 'string') return reject(message, JSON_STRING);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return reject(message, NO_OBJECT);
  const caller = `queue:${queue}`;
  if (!isCloudEvent(value)) return asked(message, caller, ofBody(message, value));
  const event = readEvent(value);
  if (event.kind !== 'command') return reject(message, noCommand(event));
  return message.isFromEventGrid
    ? readCommandEvent(message, caller, event)
    : asked(message, caller, workOfEvent(event));
}

/** A command that came as an event. Its sender knows the event and not the message that carries it. */
const readCommandEvent = (message: QueueMessage, caller: string, event: CommandEvent): Incoming =>
  asked({ ...message, reply: { ...message.reply, correlationId: correlationOf(event) } }, caller, workOfEvent(event));

/** The envelope says who asks and where the answer goes. The retry message's own metadata say nothing of that. */
export function readRetry(message: QueueMessage): Incoming {
  const retry = readRetryMessage(message.body);
  if (retry === undefined) return reject(message, NOT_A_RETRY);
  const { envelope } = retry;
  const read = readWork(retry.work);
  return read.kind === 'valid'
    ? { kind: 'work', work: read.value, envelope }
    : { ...reject(envelope, read.problem), sent: retry.work };
}

export const reject = (
  { reply, traceparent }: Pick<QueueMessage | Envelope, 'reply' | 'traceparent'>,
  problem: Problem,
): Rejected => ({ kind: 'rejected', problem, reply, traceparent });

/** JSON, as strictly as over HTTP. */
export function readJson({ body }: QueueMessage): Result<unknown> {
  const parsed = parseStrictJson(body);
  return parsed.kind === 'parsed'
    ? { kind: 'valid', value: parsed.value }
    : {
        kind: 'invalid',
        problem: problemOf('malformed-request', `The message body is not acceptable JSON: ${parsed.detail}.`),
      };
}

function asked(message: QueueMessage, caller: string, read: WorkRead): Incoming {
  if (read.kind === 'invalid') return reject(message, read.problem);
  const { reference, reply, expiresAt, traceparent } = message;
  const unserved = { origin: 'sender', roles: [], rescheduleCount: 0, attempts: 0 } as const;
  return {
    kind: 'work',
    work: read.value,
    envelope: { ...unserved, caller, reference, reply, expiresAt, traceparent },
  };
}

const ofBody = (message: QueueMessage, body: object): WorkRead =>
  workOf(body, messageKey(message.messageId), message.isIdAmbiguous ? AMBIGUOUS_ID : NO_KEY);

const noCommand = (event: IncomingEvent): Problem =>
  invalidMessage(event.kind === 'invalid' ? event.errors : [NO_COMMAND]).problem;

function messageKey(messageId: string | undefined): IdempotencyKey | undefined {
  const id = messageId === undefined ? undefined : parseIdempotencyKey(messageId);
  return id === undefined ? undefined : { kind: 'msg', messageId: id };
}

const NO_COMMAND = { pointer: '/type', detail: `must be ${COMMAND_TYPES}, with or without a prefix` };

const NO_OBJECT = problemOf('malformed-request', 'The message body must be one JSON object.');

const JSON_STRING = problemOf(
  'malformed-request',
  'The message body is a JSON string. Send the object itself, serialized once.',
);

const NOT_A_RETRY = problemOf('invalid-request', 'This queue takes only the retry messages of the service itself.');

const AMBIGUOUS_ID = problemOf(
  'idempotency-key-required',
  'The messageId is JSON other than a string, which the Functions host parses, so the id that was sent is not known. Put idempotencyKey into the body, or set a messageId that is no JSON, such as a UUID.',
);

const AMBIGUOUS_SESSION = invalidMessage([
  {
    pointer: '/replyToSessionId',
    detail:
      'must be text that is no JSON, such as a UUID, or an integer of up to 15 digits: the Functions host parses JSON, so the session that was sent is not known',
  },
]).problem;

/** Several events in one message become messages of their own, so each is answered or rescheduled for itself. */
type EventMessage = Incoming | { readonly kind: 'several'; readonly events: readonly ActionableEvent[] };

/** @returns undefined where there is nothing in it for this service. */
export function readEventMessage(message: QueueMessage, caller: string, log: Log): EventMessage | undefined {
  const read = readJson(message);
  if (read.kind === 'invalid') return reject(message, read.problem);
  const batch = readEvents(read.value);
  if (batch.kind !== 'events') return reject(message, NO_EVENTS);
  const [only, ...others] = batch.events;
  if (only !== undefined && others.length === 0) return readOne(message, caller, only, log);
  const events = batch.events.filter(isActionable);
  const unreadable = batch.events.filter(({ kind }) => kind === 'invalid').length;
  const counts = { all: batch.events.length, taken: events.length, unreadable };
  log({ level: unreadable === 0 ? 'info' : 'warn', event: 'events-received', counts });
  return events.length === 0 ? undefined : { kind: 'several', events };
}

const isActionable = (event: IncomingEvent): event is ActionableEvent =>
  event.kind === 'command' || event.kind === 'key-vault' || (event.kind === 'invalid' && isBrokenCommand(event));

function readOne(message: QueueMessage, caller: string, event: IncomingEvent, log: Log): Incoming | undefined {
  switch (event.kind) {
    case 'command':
      return readCommandEvent(message, caller, event);
    case 'key-vault': {
      const { reference, traceparent } = message;
      const { vaultUrl, secretName, version } = event;
      const unserved = { origin: 'service', roles: [], rescheduleCount: 0, attempts: 0, reply: {} } as const;
      return {
        kind: 'work',
        work: { kind: 'look', secret: { vaultUrl, secretName, version } },
        envelope: { ...unserved, caller, reference, traceparent },
      };
    }
    case 'invalid':
      return reject(message, invalidMessage(event.errors).problem);
    case 'subscription-validation':
    case 'other':
      log({ level: 'info', event: 'event-ignored' });
      return undefined;
  }
}

const NO_EVENTS = invalidMessage([
  { pointer: '', detail: `must be one event, or a list of up to ${MAX_EVENTS}` },
]).problem;
