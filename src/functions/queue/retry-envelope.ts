import * as z from 'zod';
import type { IdempotencyKey } from '../../vending/idempotency.ts';

/** The one application property of ours; lower camel case because the library camel-cases names on the way in. */
export const RETRY_PROPERTY = 'vendRetry';

const envelopeSchema = z.strictObject({
  caller: z.string().min(1),
  key: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('key'), key: z.string() }),
    z.strictObject({ kind: z.literal('msg'), messageId: z.string() }),
    z.strictObject({ kind: z.literal('ce'), source: z.string(), id: z.string() }),
  ]),
  /** How often the request was put off. */
  count: z.int().min(1),
  /** What the request was called by its sender: replies correlate with it. */
  messageId: z.string().optional(),
  /** What reply ids are made of. */
  reference: z.string(),
});

/**
 * What a delayed copy has to remember of the request that it stands for. Believed on the retry queue alone, to which
 * nobody but the function may send.
 */
export interface RetryEnvelope {
  readonly caller: string;
  readonly key: IdempotencyKey;
  readonly count: number;
  readonly messageId?: string | undefined;
  readonly reference: string;
}

export const writeEnvelope = (envelope: RetryEnvelope): string => JSON.stringify(envelope);

export function readEnvelope(property: unknown): RetryEnvelope | undefined {
  if (typeof property !== 'string') return undefined;
  try {
    return envelopeSchema.safeParse(JSON.parse(property)).data;
  } catch {
    return undefined;
  }
}
