import type { HttpRequest } from '@azure/functions';
import { readBinaryEvent } from '../../vending/events/binary-mode.ts';
import { type EventBatch, MAX_BATCH_BYTES, MAX_EVENTS, readEvents } from '../../vending/events/event-batch.ts';
import type { IncomingEvent } from '../../vending/events/incoming-event.ts';
import type { Problem } from '../../vending/model/problems.ts';
import { parseStrictJson } from '../../vending/request/strict-json.ts';
import { readContentType } from './content-type.ts';
import { arrivedEmpty, wasLost } from './read-body.ts';

export type EventsRead =
  | { readonly kind: 'read'; readonly events: readonly IncomingEvent[] }
  | { readonly kind: 'refused'; readonly problem: Problem };

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
  if (bytes.byteLength === 0 && wasLost(request)) return arrivedEmpty;
  const batch = mode === 'binary' ? readBinaryEvent(request.headers.entries(), bytes) : readJsonEvents(bytes);
  switch (batch.kind) {
    case 'events':
      return { kind: 'read', events: batch.events };
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

const refuse = (type: Problem['type'], detail: string): EventsRead => ({ kind: 'refused', problem: { type, detail } });
const tooLarge = refuse('payload-too-large', `At most ${MAX_EVENTS} events and ${MAX_BATCH_BYTES} bytes at once.`);
