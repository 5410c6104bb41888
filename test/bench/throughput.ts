import { type Load, type Served, vendInFlight } from './in-flight.ts';
import { CONTENDERS, type Rig, type Startable, WITH_TRANSACTIONS, withEach } from './rig.ts';

import { shuffled } from './shuffled.ts';
import { type Summary, summarize } from './summary.ts';
import { type Party, type Usage, usageOf } from './usage.ts';

export interface ThroughputSize {
  readonly rounds: number;
  /** For each contender, before the first round. */
  readonly warmup: Load;
  /** In each round. */
  readonly loads: readonly Load[];
}

export interface ThroughputRow {
  readonly contender: Startable;
  readonly concurrency: number;
  /** Requests that were answered with something else than a key, in all rounds. */
  readonly refused: number;
  /** By the clock. */
  readonly vendsPerSecond: Summary;
  /** The function's process, host included, in milliseconds. Unknown off Linux. */
  readonly cpuMsPerVend?: Summary;
  /** How much of the time each process had a processor; the median of the rounds, 1 is always. */
  readonly busy?: Readonly<Record<Party, number>>;
}

const OVER_HTTP = [...CONTENDERS, WITH_TRANSACTIONS] as const;

/** Vends over HTTP, ever more at a time, with upstreams that answer at once. */
export const measureThroughput = (rig: Rig, size: ThroughputSize): Promise<ThroughputRow[]> =>
  withEach(rig, OVER_HTTP, async (all) => {
    for (const name of OVER_HTTP) await vendInFlight(all[name].http.vend, size.warmup);
    const runs: Run[] = [];
    for (let round = 0; round < size.rounds; round++) {
      for (const load of size.loads) {
        for (const contender of shuffled(OVER_HTTP)) {
          const one = all[contender];
          runs.push({ contender, load, usage: await usageOf(one, () => vendInFlight(one.http.vend, load)) });
        }
      }
    }
    return size.loads.flatMap((load) =>
      OVER_HTTP.map((contender) =>
        rowOf(
          contender,
          load,
          runs.filter((run) => run.contender === contender && run.load === load).map(({ usage }) => usage),
        ),
      ),
    );
  });

interface Run {
  readonly contender: Startable;
  readonly load: Load;
  readonly usage: Usage<Served>;
}

function rowOf(contender: Startable, { concurrency }: Load, usages: readonly Usage<Served>[]): ThroughputRow {
  const refused = usages.reduce((sum, { gave }) => sum + gave.refused, 0);
  const vendsPerSecond = summarize(usages.map(({ wallMs, gave }) => (gave.vended * 1000) / wallMs));
  const known = usages.flatMap(({ cpuMs, ...rest }) => (cpuMs === undefined ? [] : [{ cpuMs, ...rest }]));
  if (known.length === 0) return { contender, concurrency, refused, vendsPerSecond };
  const busy = (party: Party): number => summarize(known.map(({ wallMs, cpuMs }) => cpuMs[party] / wallMs)).median;
  return {
    ...{ contender, concurrency, refused, vendsPerSecond },
    cpuMsPerVend: summarize(known.map(({ cpuMs, gave }) => cpuMs.function / gave.vended)),
    busy: { function: busy('function'), azure: busy('azure'), bench: busy('bench') },
  };
}
