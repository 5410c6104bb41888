import * as z from 'zod';
import type { IdempotencyKey } from '../../vending/model/idempotency.ts';
import { TRACEPARENT } from '../../vending/model/traceparent.ts';
import { MAX_MESSAGE_ID } from './message.ts';

const delayedCopySchema = z.strictObject({
  envelope: z.strictObject({
    origin: z.enum(['sender', 'service']),
    caller: z.string().min(1),
    roles: z.array(z.string()).readonly(),
    key: z
      .discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('key'), key: z.string() }),
        z.strictObject({ kind: z.literal('msg'), messageId: z.string() }),
        z.strictObject({ kind: z.literal('ce'), source: z.string(), id: z.string() }),
      ])
      .optional(),
    copies: z.int().min(1),
    attempts: z.int().min(0),
    reference: z.string(),
    messageId: z.string().max(MAX_MESSAGE_ID).optional(),
    replyTo: z.string().optional(),
    traceparent: z.string().regex(TRACEPARENT).optional(),
  }),
  work: z.unknown(),
});

/** What a delayed copy remembers of the message that it stands for. */
export interface Envelope {
  /** `service`: nobody asked for it, so nobody is answered. */
  readonly origin: 'sender' | 'service';
  readonly caller: string;
  /** App roles, of a caller who came over HTTP. */
  readonly roles: readonly string[];
  /** Of a request for a key; absent where the sender gave none. */
  readonly key?: IdempotencyKey | undefined;
  /** How often the request was put off, for whatever reason. */
  readonly copies: number;
  /** How often it was put off because it could not be served; a pause does not count. */
  readonly attempts: number;
  /** Stable over redeliveries: what the ids of replies and copies are made of. */
  readonly reference: string;
  /** As the sender set it: replies correlate with it. */
  readonly messageId?: string | undefined;
  readonly replyTo?: string | undefined;
  /** Of the trace that the message belongs to. */
  readonly traceparent?: string | undefined;
}

export interface DelayedCopy {
  readonly envelope: Envelope;
  /** Validated, so that the copy is small whatever the message's body was. */
  readonly work: unknown;
}

/**
 * A request put off: believed on the retry queue alone, to which nobody but the function may send.
 *
 * The envelope goes into the body, beside the request, because the host lays the top-level fields of a JSON body over
 * the message's own metadata: a sender's `applicationProperties` in the body would hide or forge an envelope there.
 */
export const writeDelayedCopy = (copy: DelayedCopy): string => JSON.stringify(copy);

export const readDelayedCopy = (body: unknown): DelayedCopy | undefined => delayedCopySchema.safeParse(body).data;
