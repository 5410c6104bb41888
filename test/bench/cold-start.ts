/**
 * `node test/bench/cold-start.ts [--rounds N]`: how long a process takes until its functions are registered, and until
 * the first key is vended, ours and others in turn.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startAzure } from '../../src/sandbox/azure/azure.ts';
import { CONTENDERS, type Contender } from './cold-start/contenders.ts';
import { type ColdStartResult, tableOf } from './cold-start/table.ts';
import { buildTools, pinning } from './cold-start/tools.ts';
import { createTrial, type Trial } from './cold-start/trial.ts';
import { buildContenders } from './contenders/build.ts';
import { shuffled } from './shuffled.ts';
import { type Summary, summarize } from './summary.ts';

export interface ColdStartOptions {
  readonly rounds: number;
  /** Default: all. */
  readonly contenders?: readonly Contender[];
}

/** In every round, every contender starts once, or twice if it vends, in an order of its own. */
export async function measureColdStart(options: ColdStartOptions): Promise<readonly ColdStartResult[]> {
  const contenders = options.contenders ?? CONTENDERS;
  const folder = await mkdtemp(join(tmpdir(), 'cold-start-'));
  const [azure, built, tools] = await Promise.all([
    startAzure(),
    buildContenders([...new Set(contenders.map(({ app }) => app))]),
    buildTools(folder),
  ]);
  try {
    const trials = await Promise.all(
      contenders.map((contender) => createTrial(contender, { azure, built, tools, folder, pinning: pinning() })),
    );
    for (const trial of trials) await trial.warmUp();
    for (let round = 0; round < options.rounds; round++) {
      for (const trial of shuffled(trials)) await trial.run();
    }
    return trials.map(resultOf);
  } finally {
    await Promise.all([azure.close(), built.close()]);
    await rm(folder, { recursive: true });
  }
}

function resultOf({ contender, samples }: Trial): ColdStartResult {
  const vends = samples.flatMap(({ firstVend }) => firstVend ?? []);
  const ofVends = (pick: (vend: (typeof vends)[number]) => number): Summary | undefined =>
    vends.length === 0 ? undefined : summarize(vends.map(pick));
  return {
    contender: contender.title,
    registeredMs: summarize(samples.map(({ registeredMs }) => registeredMs)),
    cpuMs: summarize(samples.map(({ cpuMs }) => cpuMs)),
    rssMiB: summarize(samples.map(({ rssMiB }) => rssMiB)),
    firstVendMs: ofVends(({ ms }) => ms),
    firstVendCpuMs: ofVends(({ cpuMs }) => cpuMs),
  };
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } });
  console.log(tableOf(await measureColdStart({ rounds: Number(values.rounds) })));
}
