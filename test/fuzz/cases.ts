import type { Parameters } from 'fast-check';

const DEFAULT_CASES = 20_000;

/** How many cases each property gets of the default; together they are at least as many. */
const SHARES = {
  'request fields': 6_000,
  'request bodies': 2_500,
  'request headers': 2_000,
  'unsigned tokens': 1_000,
  'signed tokens': 500,
  lookups: 500,
  changes: 1_500,
  'operators: list': 1_000,
  'operators: resolve': 1_000,
  messages: 3_500,
  'retry messages': 1_500,
  'forged retry messages': 500,
  'over sockets': 1_300,
  'through the broker': 800,
} as const;

/** A busy machine may take its time; a run that hangs is stopped all the same. */
export const PATIENCE = { timeout: 15 * 60_000 };

const { FUZZ_RUNS, FUZZ_SEED } = process.env;
const scale = Number(FUZZ_RUNS ?? DEFAULT_CASES) / DEFAULT_CASES;

/** Cases of one property: `FUZZ_RUNS` sets the number of all of them together, `FUZZ_SEED` repeats a run. */
export const casesOf = (property: keyof typeof SHARES): number => Math.max(1, Math.round(SHARES[property] * scale));

/** For `fc.assert`. A case of several inputs, such as a batch of messages, counts for as many. */
export function runs<T>(property: keyof typeof SHARES, inputs = 1): Parameters<T> {
  const numRuns = Math.ceil(casesOf(property) / inputs);
  return { numRuns, ...(FUZZ_SEED === undefined ? {} : { seed: Number(FUZZ_SEED) }) };
}
