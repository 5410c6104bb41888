import * as z from 'zod';

/** The bench's orders to its Azure. */
export const orderSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('latency'), ms: z.int().min(0) }),
  z.strictObject({ kind: z.literal('tally') }),
  z.strictObject({ kind: z.literal('close') }),
]);
export type Order = z.infer<typeof orderSchema>;

const tallySchema = z.strictObject({
  kind: z.literal('tally'),
  /** That ARM has minted and that are not deleted. */
  keys: z.int(),
  /** Messages on the request queue, whatever their state. */
  requests: z.int(),
  /** Messages on the retry queue. */
  retries: z.int(),
  /** On the dead-letter queues of both. */
  deadLetters: z.int(),
});
export type Tally = z.infer<typeof tallySchema>;

export const answerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('ready'),
    settings: z.record(z.string(), z.string()),
    callerToken: z.string(),
  }),
  z.strictObject({ kind: z.literal('done') }),
  tallySchema,
]);
export type Answer = z.infer<typeof answerSchema>;
