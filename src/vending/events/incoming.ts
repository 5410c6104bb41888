import * as z from 'zod';
import type { FieldError } from '../model/problems.ts';
import type { Operation } from '../request/operation.ts';
import { fieldErrors } from '../request/validation.ts';
import {
  type EnvelopeReading,
  type EventEnvelope,
  isCloudEvent,
  isEventGridEvent,
  jsonDataErrors,
  readAnyCloudEvent,
  readEventGridEvent,
} from './envelope.ts';
import { readKeyVaultData, type SecretVersion } from './key-vault.ts';

export interface CommandEvent {
  readonly kind: 'command';
  readonly source: string;
  readonly id: string;
  readonly operation: OperationName;
  /** Parsed like the body of a request. At most 16 KiB of JSON. */
  readonly data: unknown;
}

/** Anybody who may send events may make one up, so it only names the version to look at. */
export interface KeyVaultEvent extends SecretVersion {
  readonly kind: 'key-vault';
  readonly source: string;
  readonly id: string;
}

export interface InvalidEvent {
  readonly kind: 'invalid';
  readonly id?: string;
  /** Of a command, whose sender can be answered. */
  readonly source?: string;
  /** The same command, where it is at most 16 KiB. */
  readonly sent?: object;
  readonly errors: readonly FieldError[];
}

/** A command that breaks a rule, and whose sender can be answered. */
export type BrokenCommand = InvalidEvent & Required<Pick<InvalidEvent, 'id' | 'source'>>;

export const isBrokenCommand = (event: InvalidEvent): event is BrokenCommand =>
  event.id !== undefined && event.source !== undefined;

export type IncomingEvent =
  | CommandEvent
  | KeyVaultEvent
  /** Event Grid asks whether this endpoint wants its events. */
  | { readonly kind: 'subscription-validation'; readonly id: string; readonly code: string }
  /** Not for this service. */
  | { readonly kind: 'other'; readonly id: string; readonly type: string }
  | InvalidEvent;

/** UTF-16 units of JSON. A request over HTTP may have as many, and a queue takes far more. */
const EVENT_LIMIT = 16 * 1024;

const validationSchema = z.object({
  validationCode: z.string({ error: 'must be a string' }).regex(/^[A-Za-z0-9-]{1,128}$/, 'must be a code'),
});

/** Reads one event: a CloudEvent 1.0 if it has a `specversion`, one of Event Grid's schema if an `eventType`. */
export function readEvent(value: unknown): IncomingEvent {
  const read = readEnvelope(value);
  if (read.kind === 'invalid') return { ...read, ...idOf(value) };
  const envelope = read.value;
  const purpose = purposeOf(envelope.type);
  const { id, type } = envelope;
  if (purpose.kind === 'other') return { kind: 'other', id, type };
  const errors = isCloudEvent(value) ? jsonDataErrors(value) : [];
  if (errors.length === 0 && isSmall(envelope)) return readFor(purpose, envelope);
  const isAnswerable = purpose.kind === 'command' && isSmall({ ...envelope, data: undefined });
  const isKept = typeof value === 'object' && value !== null && isShort(value);
  const answerable = isAnswerable ? { source: envelope.source, ...(isKept && { sent: value }) } : {};
  return { kind: 'invalid', id, ...answerable, errors: errors.length > 0 ? errors : TOO_LARGE };
}

export const TOO_LARGE: readonly FieldError[] = [
  { pointer: '', detail: `must be at most ${EVENT_LIMIT / 1024} KiB of JSON` },
];

function readEnvelope(value: unknown): EnvelopeReading {
  if (isCloudEvent(value)) return readAnyCloudEvent(value);
  if (isEventGridEvent(value)) return readEventGridEvent(value);
  return { kind: 'invalid', errors: [{ pointer: '', detail: 'is neither a CloudEvent 1.0 nor an Event Grid event' }] };
}

function readFor(purpose: Exclude<Purpose, { kind: 'other' }>, { source, id, data }: EventEnvelope): IncomingEvent {
  switch (purpose.kind) {
    case 'command':
      return { ...purpose, source, id, data };
    case 'key-vault': {
      const reading = readKeyVaultData(data);
      return reading.kind === 'valid' ? { ...purpose, source, id, ...reading.value } : { ...reading, id };
    }
    case 'subscription-validation': {
      const parsed = validationSchema.safeParse(data);
      if (parsed.success) return { ...purpose, id, code: parsed.data.validationCode };
      return { kind: 'invalid', id, errors: fieldErrors(parsed.error.issues) };
    }
  }
}

/** Data that are nested too deeply to be written do not count as small. */
const isSmall = ({ source, id, data }: EventEnvelope): boolean => isShort([source, id, data]);

function isShort(value: object): boolean {
  try {
    return JSON.stringify(value).length <= EVENT_LIMIT;
  } catch {
    return false;
  }
}

function idOf(value: unknown): { id?: string } {
  const id: unknown =
    typeof value === 'object' && value !== null && Object.hasOwn(value, 'id') ? Reflect.get(value, 'id') : undefined;
  return typeof id === 'string' ? { id } : {};
}

/**
 * Every event becomes a message, and Event Grid waits 30 s for the answer. Its default is one event a delivery
 * (`maxEventsPerBatch`): https://learn.microsoft.com/azure/event-grid/delivery-and-retry#output-batching
 */
export const MAX_EVENTS = 100;
/** Bytes. Event Grid delivers no more at once. */
export const MAX_BATCH_BYTES = 1024 * 1024;

export type EventBatch =
  | { readonly kind: 'events'; readonly events: readonly IncomingEvent[] }
  | { readonly kind: 'too-many' }
  | { readonly kind: 'malformed'; readonly detail: string };

/** One event or a list of them, in either schema. Does not throw. Each event is read by itself. */
export function readEvents(value: unknown): EventBatch {
  if (Array.isArray(value)) {
    return value.length > MAX_EVENTS
      ? { kind: 'too-many' }
      : { kind: 'events', events: Array.from(value, (each, index) => inList(readEvent(each), index)) };
  }
  return typeof value === 'object' && value !== null
    ? { kind: 'events', events: [readEvent(value)] }
    : { kind: 'malformed', detail: 'it is neither an object nor a list' };
}

/** Errors point into the body. */
function inList(event: IncomingEvent, index: number): IncomingEvent {
  if (event.kind !== 'invalid') return event;
  return { ...event, errors: event.errors.map(({ pointer, detail }) => ({ pointer: `/${index}${pointer}`, detail })) };
}

export type OperationName = Operation['operation'];

/** The purpose of an event, by its type. */
export type Purpose =
  | { readonly kind: 'command'; readonly operation: OperationName }
  /** A secret nears its end, or has expired. Both mean: look at it now. */
  | { readonly kind: 'key-vault' }
  | { readonly kind: 'subscription-validation' }
  | { readonly kind: 'other' };

const OPERATIONS: readonly (readonly [RegExp, OperationName])[] = [
  [/(?:^|\.)apikey\.requested\.v1$/, 'vend'],
  [/(?:^|\.)apikey\.revoke\.requested\.v1$/, 'revoke'],
  [/(?:^|\.)apikey\.rotate\.requested\.v1$/, 'rotate'],
  [/(?:^|\.)apikey\.end-overlap\.requested\.v1$/, 'end-overlap'],
];

/** For an error that says which types there are. */
export const COMMAND_TYPES = 'apikey[.revoke|.rotate|.end-overlap].requested.v1';

/** @param type of a CloudEvent, or `eventType` of Event Grid. */
export function purposeOf(type: string): Purpose {
  switch (type) {
    case 'Microsoft.KeyVault.SecretNearExpiry':
    case 'Microsoft.KeyVault.SecretExpired':
      return { kind: 'key-vault' };
    case 'Microsoft.EventGrid.SubscriptionValidationEvent':
      return { kind: 'subscription-validation' };
  }
  const operation = OPERATIONS.find(([pattern]) => pattern.test(type))?.[1];
  return operation === undefined ? { kind: 'other' } : { kind: 'command', operation };
}
