import * as z from 'zod';
import { TRACEPARENT } from '../../vending/model/traceparent.ts';
import type { OutgoingMessage } from '../../vending/ports/messenger.ts';
import { hashOf, replyTargetSchema } from './message.ts';
import { type WrittenWork, writtenWorkSchema } from './work.ts';

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
