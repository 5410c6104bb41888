import type { Caller } from '../../vending/model/caller.ts';
import { ASK_AGAIN_MS } from '../../vending/model/due.ts';
import type { ActionableEvent, EventIntake } from '../../vending/ports/event-intake.ts';
import type { Messenger } from '../../vending/ports/messenger.ts';
import type { RotationRequests } from '../../vending/ports/rotation-requests.ts';
import { correlationOf } from './incoming.ts';
import { hashOf } from './message.ts';
import { type Envelope, writeRetryMessage } from './retry-message.ts';
import { writeEvent } from './work.ts';

/** Sent at once: Event Grid waits 30 s for a delivery of up to 100. */
const LANES = 32;

/** Events that came over HTTP, or several in one message, become messages of the retry queue. */
export const createEventIntake = (messenger: Messenger, retryQueue: string): EventIntake => ({
  accept: async (events, caller, traceparent) => {
    const left = events.values();
    let taken = 0;
    const lane = async (): Promise<void> => {
      for (const event of left) {
        const envelope = { ...envelopeOf(event, caller), traceparent };
        const sent = await messenger.send(retryQueue, writeRetryMessage({ envelope, work: writeEvent(event) }));
        if (sent.kind === 'not-sent') return;
        taken++;
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return taken === events.length ? 'accepted' : 'not-accepted';
  },
});

/** An event that is delivered again makes the same message, and duplicate detection leaves one. */
function envelopeOf(event: ActionableEvent, { id: caller, roles }: Caller): Envelope {
  const unserved = { caller, roles, rescheduleCount: 1, attempts: 0, reference: hashOf(event.source, event.id) };
  return event.kind === 'command'
    ? { ...unserved, origin: 'sender', reply: { correlationId: correlationOf(event) } }
    : { ...unserved, origin: 'service', reply: {} };
}

/**
 * Every request for the rotation of one attempt's key has the same idempotency key, so it is one rotation. Its messages
 * differ by the minute: duplicate detection must not drop a request that is repeated because the first led to nothing.
 */
export const createRotationRequests = (messenger: Messenger, retryQueue: string): RotationRequests => ({
  request: (credentialId, attempt, notBefore, replaces) => {
    const name = `${credentialId}:${attempt}`;
    const envelope: Envelope = {
      origin: 'service',
      caller: 'schedule',
      roles: [],
      rescheduleCount: 1,
      attempts: 0,
      reference: hashOf(name, notBefore.toISOString().slice(0, 16)),
      reply: {},
      expiresAt: notBefore.getTime() + ASK_AGAIN_MS,
    };
    const operation = { operation: 'rotate', id: credentialId, replaces };
    const work = { kind: 'operation', key: { kind: 'key', key: name }, operation } as const;
    return messenger.sendLater(retryQueue, writeRetryMessage({ envelope, work }), notBefore);
  },
});
