import { CONTENDERS } from './cold-start/contenders.ts';
import type { ColdStartOptions } from './cold-start.ts';
import type { MemorySize } from './memory.ts';
import type { OverheadSize } from './overhead.ts';
import { CONTENDERS as CONTESTANTS, WITH_TRANSACTIONS } from './rig.ts';
import type { ScaleSize } from './scale.ts';
import type { ThroughputSize } from './throughput.ts';

export interface Sizes {
  readonly overhead: readonly OverheadSize[];
  readonly coldStart: ColdStartOptions;
  readonly throughput: ThroughputSize;
  readonly backlogMessages: number;
  readonly memory: MemorySize;
  readonly scale: ScaleSize;
  readonly azRounds: number;
}

/** By which V8 takes less memory, and more time. */
const SAVING = ['--max-semi-space-size=4', '--optimize-for-size'];

/** Between the zones of one region, at most. https://learn.microsoft.com/azure/reliability/availability-zones-overview */
const REGION_MS = 2;

/** For the README. */
export const FULL: Sizes = {
  overhead: [
    { latencyMs: 0, roundTripMs: 0, rounds: 10, iterations: 60, warmup: 300, beside: false },
    { latencyMs: 50, roundTripMs: 0, rounds: 4, iterations: 40, warmup: 5, beside: true },
    { latencyMs: 2_000, roundTripMs: 0, rounds: 2, iterations: 10, warmup: 1, beside: true },
    { latencyMs: 0, roundTripMs: REGION_MS, rounds: 4, iterations: 50, warmup: 100, beside: false },
    { latencyMs: 2_000, roundTripMs: REGION_MS, rounds: 2, iterations: 10, warmup: 1, beside: true },
  ],
  coldStart: { rounds: 10 },
  throughput: {
    rounds: 3,
    warmup: { vends: 2_000, concurrency: 16 },
    loads: [
      { vends: 300, concurrency: 1 },
      { vends: 1_000, concurrency: 8 },
      { vends: 1_200, concurrency: 64 },
      { vends: 1_200, concurrency: 256 },
    ],
  },
  backlogMessages: 10_000,
  memory: {
    loads: [
      { contender: 'straightforward', vends: 50_000, execArgv: [] },
      { contender: WITH_TRANSACTIONS, vends: 50_000, execArgv: [] },
      { contender: 'ours', vends: 50_000, execArgv: [] },
      ...SAVING.map((option) => ({ contender: 'ours' as const, vends: 10_000, execArgv: [option] })),
    ],
    ...{ warmup: 0.2, concurrency: 64, everyMs: 1_000 },
  },
  scale: { finished: [10_000, 100_000, 1_000_000], open: 48, repetitions: 100 },
  azRounds: 5,
};

/** Those that targets and ratios name. */
const COMPARED = ['ours', 'straightforward', 'straightforward, unbundled', 'empty'];

/** For CI: that it works, nothing about time. */
export const SHORT: Sizes = {
  overhead: [
    { latencyMs: 0, roundTripMs: 0, rounds: 2, iterations: 5, warmup: 3, beside: false },
    { latencyMs: 50, roundTripMs: 0, rounds: 1, iterations: 2, warmup: 0, beside: true },
    { latencyMs: 2_000, roundTripMs: 0, rounds: 1, iterations: 1, warmup: 0, beside: true },
    { latencyMs: 0, roundTripMs: REGION_MS, rounds: 1, iterations: 2, warmup: 1, beside: false },
  ],
  coldStart: { rounds: 1, contenders: CONTENDERS.filter(({ title }) => COMPARED.includes(title)) },
  throughput: {
    rounds: 1,
    warmup: { vends: 20, concurrency: 4 },
    loads: [1, 64].map((concurrency) => ({ vends: concurrency > 1 ? 128 : 20, concurrency })),
  },
  backlogMessages: 200,
  memory: {
    loads: CONTESTANTS.map((contender) => ({ contender, vends: 500, execArgv: [] })),
    ...{ warmup: 0.2, concurrency: 64, everyMs: 100 },
  },
  scale: { finished: [1_000], open: 8, repetitions: 20 },
  azRounds: 1,
};
