import * as z from 'zod';

/** The global of a worker that gathers the probes of the functions that ran. */
export const REACHED = '__reached';
/** A function by its file and where it begins there; 0: what runs when the file is loaded. */
export const probeName = (file: string, within: number): string => `${file}:${within}`;

/** Runs test files one by one, until one fails. */
export const order = z.object({
  tests: z.array(z.string()),
  /** A file whose text is another. Paths are relative to the project. */
  change: z.object({ file: z.string(), mutated: z.string() }).optional(),
});
export type Order = z.infer<typeof order>;

const result = z.object({
  test: z.string(),
  ok: z.boolean(),
  ms: z.number(),
  /** The probes that it reached. */
  reached: z.array(z.string()),
});
export type Result = z.infer<typeof result>;

export const report = z.object({ results: z.array(result) });
export type Report = z.infer<typeof report>;
