import * as z from 'zod';
import type { Caller } from '../../vending/model/caller.ts';
import { ASK_AGAIN_MS } from '../../vending/model/due.ts';
import { TRACEPARENT } from '../../vending/model/tracing.ts';
import type {
  ActionableEvent,
  EventIntake,
  Messenger,
  OutgoingMessage,
  RotationRequests,
} from '../../vending/ports/messaging.ts';
import type { Clock } from '../../vending/ports/runtime.ts';
import { correlationOf, hashOf, replyTargetSchema } from './message.ts';
import { type WrittenWork, writeEvent, writtenWorkSchema } from './work.ts';

/** A retry message keeps this of the message that it stands for. */
const envelopeSchema = z.strictObject({
  /** `service`: the service asked itself, so nobody is answered. */
  origin: z.enum(['sender', 'service']),
  caller: z.string().min(1),
  /** App roles, of a caller who came over HTTP. */
  roles: z.array(z.string()).readonly(),
  /** How often the message was rescheduled, for any reason. */
  rescheduleCount: z.int().min(0),
  /** How often it was rescheduled because of a failure. Neither a pause nor throttling counts. */
  attempts: z.int().min(0),
  /** Names the message among all others. */
  reference: z.string(),
  reply: replyTargetSchema,
  /** Milliseconds since the epoch, after which nothing is minted for the message. */
  expiresAt: z.int().optional(),
  traceparent: z.string().regex(TRACEPARENT).optional(),
});

export type Envelope = Readonly<z.infer<typeof envelopeSchema>>;

const retryMessageSchema = z.strictObject({ envelope: envelopeSchema, work: writtenWorkSchema });

export interface RetryMessage {
  readonly envelope: Envelope;
  /** Validated, so the retry message is small however large the body was. */
  readonly work: WrittenWork;
}

/**
 * A message for the retry queue. Only the function may send there, so only there its envelope is trusted.
 *
 * The envelope goes into the body: the library parses application properties that are JSON, and renames them.
 */
export const writeRetryMessage = (message: RetryMessage): OutgoingMessage => ({
  messageId: retryIdOf(message.envelope),
  body: JSON.stringify(message),
  contentType: 'application/json',
});

/** Only the function writes them, so they need no stricter parser. */
export function readRetryMessage(body: Uint8Array): RetryMessage | undefined {
  try {
    return retryMessageSchema.safeParse(JSON.parse(Buffer.from(body).toString())).data;
  } catch {
    return undefined;
  }
}

/** The same for every delivery of one message, so duplicate detection leaves one. */
const retryIdOf = ({ caller, reference, rescheduleCount }: Envelope): string =>
  `${hashOf(caller, reference).slice(0, 40)}.r${rescheduleCount}`;

/** Sent at once: Event Grid waits 30 s for a delivery of up to 100. */
const LANES = 32;

/** Events that came over HTTP, or several in one message, become messages of the retry queue. */
export const createEventIntake = (
  messenger: Messenger,
  retryQueue: string,
  clock: Pick<Clock, 'now'>,
): EventIntake => ({
  accept: async (events, caller, traceparent) => {
    const minute = Math.floor(clock.now() / 60_000);
    const left = events.values();
    let taken = 0;
    const lane = async (): Promise<void> => {
      for (const event of left) {
        const envelope = { ...envelopeOf(event, caller, minute), traceparent };
        const sent = await messenger.send(retryQueue, writeRetryMessage({ envelope, work: writeEvent(event) }));
        if (sent.kind === 'not-sent') return;
        taken++;
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return taken === events.length ? 'accepted' : 'not-accepted';
  },
});

/**
 * An event that is delivered again within a minute makes the same message, and duplicate detection leaves one. Later it makes
 * another: its sender may have read of a failure and sent it again, and duplicate detection must not drop what was accepted.
 * Nor may it drop another event under the same id, such as one that was corrected.
 */
function envelopeOf(event: ActionableEvent, { id: caller, roles }: Caller, minute: number): Envelope {
  const reference = hashOf(event.source, event.id, JSON.stringify(writeEvent(event)), minute);
  const unserved = { caller, roles, rescheduleCount: 1, attempts: 0, reference };
  return event.kind === 'key-vault'
    ? { ...unserved, origin: 'service', reply: {} }
    : { ...unserved, origin: 'sender', reply: { correlationId: correlationOf(event) } };
}

/**
 * Every request for the rotation of one attempt's key has the same idempotency key, so it is one rotation. Its messages
 * differ by the row that they come from: duplicate detection must not drop a request that is repeated because the first
 * led to nothing.
 */
export const createRotationRequests = (messenger: Messenger, retryQueue: string): RotationRequests => ({
  request: ({ credentialId, attempt, replaces, etag, notBefore }) => {
    const name = `${credentialId}:${attempt}`;
    const envelope: Envelope = {
      origin: 'service',
      caller: 'schedule',
      roles: [],
      rescheduleCount: 1,
      attempts: 0,
      reference: hashOf(name, etag),
      reply: {},
      expiresAt: notBefore.getTime() + ASK_AGAIN_MS,
    };
    const operation = { operation: 'rotate', id: credentialId, replaces };
    const work = { kind: 'operation', key: { kind: 'key', key: name }, operation } as const;
    return messenger.sendLater(retryQueue, writeRetryMessage({ envelope, work }), notBefore);
  },
});
