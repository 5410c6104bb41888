import type { Caller } from '../../vending/ports/callers.ts';
import type { ActionableEvent, EventIntake } from '../../vending/ports/event-intake.ts';
import type { Messenger, OutgoingMessage } from '../../vending/ports/messenger.ts';
import type { RotationRequests } from '../../vending/ports/rotation-requests.ts';
import { type Envelope, writeDelayedCopy } from './delayed-copy.ts';
import { copyId, hashOf } from './replies.ts';
import { writeEvent } from './work.ts';

/** Longest correlation id that Service Bus takes, in characters. */
const MAX_CORRELATION = 128;

/** Sent at once: Event Grid waits 30 s for a batch of up to 5,000. */
const LANES = 32;

/** Events that came over HTTP, or several in one message, wait on the retry queue like everything that is put off. */
export const createEventIntake = (messenger: Messenger, retryQueue: string): EventIntake => ({
  accept: async (events, caller, traceparent) => {
    const left = events.values();
    let taken = 0;
    const lane = async (): Promise<void> => {
      for (const event of left) {
        const envelope = { ...envelopeOf(event, caller), traceparent };
        const sent = await messenger.send(retryQueue, messageOf(envelope, writeEvent(event)));
        if (sent.kind === 'not-sent') return;
        taken++;
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return taken === events.length ? 'accepted' : 'not-accepted';
  },
});

/** Delivered again, an event makes the same copy, and duplicate detection leaves one. */
function envelopeOf({ kind, source, id }: ActionableEvent, { id: caller, roles }: Caller): Envelope {
  const reference = hashOf(source, id);
  const messageId = id.length <= MAX_CORRELATION ? { messageId: id } : {};
  const origin = kind === 'command' ? 'sender' : 'service';
  return { origin, caller, roles, copies: 1, attempts: 0, reference, ...(origin === 'sender' ? messageId : {}) };
}

export const createRotationRequests = (messenger: Messenger, retryQueue: string): RotationRequests => ({
  request: (intentId, notBefore) => {
    const day = notBefore.toISOString().slice(0, 10);
    const envelope: Envelope = {
      origin: 'service',
      caller: 'schedule',
      roles: [],
      copies: 1,
      attempts: 0,
      reference: hashOf(intentId, day),
    };
    const order = { operation: 'rotate', requestId: intentId };
    return messenger.sendLater(retryQueue, messageOf(envelope, order), notBefore);
  },
});

const messageOf = (envelope: Envelope, work: unknown): OutgoingMessage => ({
  messageId: copyId(envelope),
  body: writeDelayedCopy({ envelope, work }),
  contentType: 'application/json',
});
