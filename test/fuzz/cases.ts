import fc, { type IAsyncPropertyWithHooks, type RunDetails } from 'fast-check';

/** In the suite. A long run finds what is rare. */
const DEFAULT_CASES = 3_000;

/** How many cases each property gets of so many. */
const ALL_SHARES = 20_000;
const SHARES = {
  'request fields': 4_500,
  'request bodies': 2_000,
  'request headers': 1_500,
  'unsigned tokens': 1_000,
  'signed tokens': 400,
  lookups: 500,
  changes: 1_200,
  'operators: list': 800,
  'operators: resolve': 800,
  'operators: bulk': 800,
  'operators: recover': 400,
  'events over HTTP': 1_500,
  handshakes: 200,
  messages: 2_500,
  'message bodies': 500,
  'retry messages': 1_300,
  'forged retry messages': 400,
  'events by queue': 1_300,
  'over sockets': 1_300,
  'through the broker': 800,
} as const;

const { FUZZ_RUNS, FUZZ_SEED, FUZZ_SECONDS } = process.env;
const scale = Number(FUZZ_RUNS ?? DEFAULT_CASES) / ALL_SHARES;
const seed = Number(FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Of each property. */
const limit = FUZZ_SECONDS === undefined ? {} : { interruptAfterTimeLimit: Number(FUZZ_SECONDS) * 1_000 };

/** A busy machine may take its time; a run that hangs is stopped all the same. */
export const PATIENCE = { timeout: 15 * 60_000 * (1 + scale / 10) };

/** Cases of one property: `FUZZ_RUNS` sets the number of all of them together. */
export const casesOf = (property: keyof typeof SHARES): number => Math.max(1, Math.round(SHARES[property] * scale));

/**
 * `FUZZ_SEED` repeats a run, `FUZZ_SECONDS` ends it early. A run of chosen length prints what it did.
 * @param inputs of one case: a batch of messages counts for as many.
 */
export async function holds<T>(
  name: keyof typeof SHARES,
  property: IAsyncPropertyWithHooks<T>,
  inputs = 1,
): Promise<void> {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  const numRuns = Math.ceil(casesOf(name) / inputs);
  const asyncReporter = async (details: RunDetails<T>): Promise<void> => {
    if (details.failed) throw new Error(await fc.asyncDefaultReportMessage(details), { cause: details.errorInstance });
    const cases = details.numRuns * inputs;
    const { user, system } = process.cpuUsage(before);
    const cpuMs = ((user + system) / 1_000 / cases).toFixed(2);
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
    if (FUZZ_RUNS !== undefined)
      console.log(`fuzz: ${name}: ${cases} cases, seed ${seed}, ${seconds} s, ${cpuMs} ms of processor each`);
  };
  await fc.assert(property, { numRuns, seed, ...limit, asyncReporter });
}
