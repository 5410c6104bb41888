import { MAX_EVENTS, readEvents } from '../../vending/events/event-batch.ts';
import type { IncomingEvent } from '../../vending/events/incoming-event.ts';
import type { ActionableEvent } from '../../vending/ports/event-intake.ts';
import type { Log } from '../../vending/ports/log.ts';
import { type Incoming, readCommandEvent, readJson, reject } from './incoming.ts';
import type { QueueMessage } from './message.ts';
import { unusable } from './work.ts';

/** Several events in one message become messages of their own, so each is answered or rescheduled for itself. */
type EventMessage = Incoming | { readonly kind: 'several'; readonly events: readonly ActionableEvent[] };

/** @returns undefined where there is nothing in it for this service. */
export function readEventMessage(message: QueueMessage, caller: string, log: Log): EventMessage | undefined {
  const read = readJson(message);
  if ('problem' in read) return reject(message, read.problem);
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
  event.kind === 'command' || event.kind === 'key-vault';

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
      return reject(message, unusable(event.errors).problem);
    case 'subscription-validation':
    case 'other':
      log({ level: 'info', event: 'event-ignored' });
      return undefined;
  }
}

const NO_EVENTS = unusable([{ pointer: '', detail: `must be one event, or a list of up to ${MAX_EVENTS}` }]).problem;
