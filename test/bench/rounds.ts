import { setTimeout as sleep } from 'node:timers/promises';
import { Bench } from 'tinybench';
import type { Vend } from './drivers.ts';
import { shuffled } from './shuffled.ts';

/** Upstreams that all take as long would have everybody compute at once, again and again. */
const APART_MS = 100;
const apart = { beforeEach: () => sleep(Math.random() * APART_MS) };

export interface Rounds {
  readonly rounds: number;
  /** Of each in each round. */
  readonly iterations: number;
  /** Of each, before the first round. */
  readonly warmup: number;
  /** At the same time instead of one after the other, out of step: for what mostly waits. */
  readonly beside: boolean;
}

/** How long each took, milliseconds, in rounds of a new order each. @throws what any of them throws. */
export async function timed<Name extends string>(
  vends: Readonly<Record<Name, Vend>>,
  { rounds, iterations, warmup, beside }: Rounds,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(vends) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>;
  for (let round = 0; round < rounds; round++) {
    const bench = new Bench({
      ...{ time: 0, iterations, retainSamples: true, throws: true },
      ...{ warmup: round === 0 && warmup > 0, warmupTime: 0, warmupIterations: warmup },
      ...(beside && { concurrency: 'bench' as const }),
    });
    for (const name of shuffled(names)) bench.add(name, vends[name], { async: true, ...(beside && apart) });
    await bench.run();
    for (const name of names) samples[name].push(...samplesOf(bench, name));
  }
  return samples;
}

function samplesOf(bench: Bench, name: string): readonly number[] {
  const result = bench.getTask(name)?.result;
  if (result?.state !== 'completed') throw new Error(`${name} did not complete: ${result?.state}`);
  return result.latency.samples ?? [];
}
