import type { HttpRequest } from '@azure/functions';
import { readBinaryEvent } from '../../vending/events/binary-mode.ts';
import {
  type EventBatch,
  type IncomingEvent,
  type InvalidEvent,
  type KeyVaultEvent,
  MAX_BATCH_BYTES,
  MAX_EVENTS,
  readEvents,
} from '../../vending/events/incoming.ts';
import { type Problem, problemOf, type Result } from '../../vending/model/problems.ts';
import type { ActionableEvent } from '../../vending/ports/messaging.ts';
import type { Log } from '../../vending/ports/telemetry.ts';
import { parseStrictJson } from '../../vending/request/strict-json.ts';
import { MAX_ERRORS } from '../../vending/request/validation.ts';
import { chunkedBody, isBodyLost, readContentType } from './read-body.ts';
import { ROLES_ARRIVE_LATE } from './responses.ts';

type EventsRead = Result<readonly IncomingEvent[]>;

const CLOUD_EVENTS = 'application/cloudevents';
const JSON_EVENTS: ReadonlySet<string> = new Set([
  'application/json',
  `${CLOUD_EVENTS}+json`,
  `${CLOUD_EVENTS}-batch+json`,
]);

/** Reads what a webhook was sent. The declared length comes first, so that a huge body is not copied. */
export async function readEventBody(request: HttpRequest): Promise<EventsRead> {
  const mode = modeOf(request);
  if (mode === undefined) return refuse('unsupported-media-type', MEDIA_TYPES);
  if (request.headers.get('content-encoding') !== null) {
    return refuse('unsupported-media-type', 'Content-Encoding is not supported.');
  }
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BATCH_BYTES) return tooLarge;
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.byteLength > MAX_BATCH_BYTES) return tooLarge;
  if (bytes.byteLength === 0 && isBodyLost(request)) return chunkedBody;
  const batch = mode === 'binary' ? readBinaryEvent(request.headers.entries(), bytes) : readJsonEvents(bytes);
  switch (batch.kind) {
    case 'events':
      return { kind: 'valid', value: batch.events };
    case 'too-many':
      return tooLarge;
    case 'malformed':
      return refuse('malformed-request', `The body cannot be read as events: ${batch.detail}.`);
  }
}

/** In CloudEvents' HTTP binding the Content-Type decides the mode: structured mode may have the headers of binary mode. */
function modeOf({ headers }: HttpRequest): 'json' | 'binary' | undefined {
  const { mediaType, isUtf8 } = readContentType(headers.get('content-type'));
  if (!mediaType.startsWith(CLOUD_EVENTS) && headers.has('ce-specversion')) return 'binary';
  return JSON_EVENTS.has(mediaType) && isUtf8 ? 'json' : undefined;
}

function readJsonEvents(bytes: Uint8Array): EventBatch {
  const parsed = parseStrictJson(bytes);
  return parsed.kind === 'parsed' ? readEvents(parsed.value) : parsed;
}

const MEDIA_TYPES =
  'Content-Type must be application/json, application/cloudevents+json or application/cloudevents-batch+json, with the charset utf-8 or none, unless the event comes in binary mode.';

const refuse = (type: Problem['type'], detail: string): EventsRead => ({ kind: 'invalid', problem: { type, detail } });
const tooLarge = refuse('payload-too-large', `At most ${MAX_EVENTS} events and ${MAX_BATCH_BYTES} bytes at once.`);

export interface SortedEvents {
  readonly accepted: readonly ActionableEvent[];
  /** The service does not act on their types. */
  readonly ignored: readonly Extract<IncomingEvent, { kind: 'other' }>[];
  /** Key Vault's, from a caller who may not deliver them. */
  readonly refused: readonly KeyVaultEvent[];
  readonly unreadable: readonly InvalidEvent[];
}

/** Every event falls into one group. */
export function sortEvents(events: readonly IncomingEvent[], maySendKeyVaultEvents: boolean): SortedEvents {
  const groups: { [Group in keyof SortedEvents]: SortedEvents[Group][number][] } = {
    accepted: [],
    ignored: [],
    refused: [],
    unreadable: [],
  };
  for (const event of events) {
    switch (event.kind) {
      case 'command':
        groups.accepted.push(event);
        break;
      case 'key-vault':
        if (maySendKeyVaultEvents) groups.accepted.push(event);
        else groups.refused.push(event);
        break;
      case 'other':
        groups.ignored.push(event);
        break;
      case 'subscription-validation':
        groups.unreadable.push({ kind: 'invalid', id: event.id, errors: [NOT_ALONE] });
        break;
      case 'invalid':
        groups.unreadable.push(event);
        break;
    }
  }
  return groups;
}

const NOT_ALONE = { pointer: '', detail: 'a validation event must come alone' };

/**
 * Why a delivery is refused as a whole. Undefined where anything in it is accepted or ignored. Event Grid drops a delivery
 * that is answered 400 or 403 without another try, so one bad event must not take the good ones with it.
 */
export function refusalOf({ accepted, ignored, refused, unreadable }: SortedEvents): Problem | undefined {
  if (accepted.length > 0 || ignored.length > 0) return undefined;
  if (refused.length > 0) return NOT_A_SENDER;
  if (unreadable.length === 0) return undefined;
  const errors = unreadable.flatMap((event) => event.errors).slice(0, MAX_ERRORS);
  return { type: 'invalid-request', detail: 'None of the events can be read.', errors };
}

const NOT_A_SENDER = problemOf(
  'forbidden',
  `The caller does not hold the app role for delivering events of Key Vault. ${ROLES_ARRIVE_LATE}`,
);

export const countsOf = ({ accepted, ignored, refused, unreadable }: SortedEvents) => ({
  accepted: accepted.length,
  ignored: ignored.length,
  refused: refused.length,
  unreadable: unreadable.length,
});

/** Records of one kind for one delivery. The counts cover the rest. */
const MAX_RECORDS = 20;
const LOGGABLE = /^(?!cflt)[A-Za-z0-9_.:/-]{1,128}$/;

/** Senders choose ids and types. A text that does not look like one stays out of the log. */
export function logEvents(log: Log, caller: string, events: SortedEvents): void {
  for (const { id, type } of events.ignored.slice(0, MAX_RECORDS)) {
    log({ level: 'info', event: 'event-ignored', eventId: loggable(id), eventType: loggable(type) });
  }
  for (const { id } of events.refused.slice(0, MAX_RECORDS)) {
    log({ level: 'warn', event: 'event-refused', eventId: loggable(id) });
  }
  for (const { id } of events.unreadable.slice(0, MAX_RECORDS)) {
    log({ level: 'warn', event: 'event-unreadable', eventId: loggable(id) });
  }
  log({ level: 'info', event: 'events-received', caller, counts: countsOf(events) });
}

const loggable = (text: string | undefined): string =>
  text !== undefined && LOGGABLE.test(text) ? text : 'not-printable';
