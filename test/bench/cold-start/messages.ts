import * as z from 'zod';

/** What a measured process says. */
export const workerMessageSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('registered'),
    /** User and system time of the process so far, Node.js's own start among it. */
    cpuMs: z.number(),
    /** Resident set size. */
    rssMiB: z.number(),
  }),
  z.object({ kind: z.literal('answered'), status: z.int(), cpuMs: z.number() }),
]);
export type WorkerMessage = z.infer<typeof workerMessageSchema>;

/** What it is told: the one request that it has to answer. */
export interface VendOrder {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
