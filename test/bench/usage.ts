import type { Contender } from './contender.ts';
import { cpuMsOf } from './process-usage.ts';

/** The time that some work took by the clock and of each process, in milliseconds. */
export interface Usage<T> {
  readonly gave: T;
  readonly wallMs: number;
  /** Unknown off Linux. */
  readonly cpuMs?: Readonly<Record<Party, number>>;
}

/** The function's process with its host, emulated Azure, and the bench, which asks. */
export type Party = 'function' | 'azure' | 'bench';

export async function usageOf<T>({ pid, azure }: Contender, work: () => Promise<T>): Promise<Usage<T>> {
  const read = () => Promise.all([cpuMsOf(pid), cpuMsOf(azure.pid), cpuMsOf(process.pid)]);
  const before = await read();
  const startedAt = performance.now();
  const gave = await work();
  const wallMs = performance.now() - startedAt;
  const after = await read();
  const [ofFunction, ofAzure, ofBench] = after.map((ms, place) => (ms ?? Number.NaN) - (before[place] ?? Number.NaN));
  if (ofFunction === undefined || Number.isNaN(ofFunction)) return { gave, wallMs };
  return { gave, wallMs, cpuMs: { function: ofFunction, azure: ofAzure ?? 0, bench: ofBench ?? 0 } };
}
