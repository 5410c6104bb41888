import { vendInFlight } from './in-flight.ts';
import { residentBytesOf, SEES_PROCESSES } from './process-usage.ts';
import type { Rig, Startable } from './rig.ts';
import { summarize } from './summary.ts';
import { usageOf } from './usage.ts';

const MB = 1_000_000;

export interface MemoryLoad {
  readonly contender: Startable;
  readonly vends: number;
  readonly execArgv: readonly string[];
}

export interface MemorySize {
  readonly loads: readonly MemoryLoad[];
  /** The share of the vends after which memory is looked at. */
  readonly warmup: number;
  readonly concurrency: number;
  readonly everyMs: number;
}

/** Resident memory of the function's process, host included, in MB (10^6 bytes). */
export interface MemoryRow extends MemoryLoad {
  readonly concurrency: number;
  /** Requests among them that were answered with something else than a key. */
  readonly refused: number;
  /** Since the triggers were there. */
  readonly maxMb: number;
  /** Medians of the first and the last fifth of what was looked at after the warm-up. */
  readonly firstFifthMb: number;
  readonly lastFifthMb: number;
  /** From one to the other, in percent. */
  readonly growthPercent: number;
  /** The function's process after the warm-up, in milliseconds. */
  readonly cpuMsPerVend: number;
}

/** @returns undefined off Linux, where memory of other processes is not seen. */
export async function measureMemory(rig: Rig, size: MemorySize): Promise<MemoryRow[] | undefined> {
  if (!SEES_PROCESSES) return undefined;
  const rows: MemoryRow[] = [];
  for (const load of size.loads) rows.push(await watch(rig, load, size));
  return rows;
}

async function watch(rig: Rig, asked: MemoryLoad, size: MemorySize): Promise<MemoryRow> {
  const { vends, execArgv } = asked;
  const contender = await rig.start(asked.contender, { execArgv });
  const samples: number[] = [];
  const look = async (): Promise<void> => {
    samples.push(((await residentBytesOf(contender.pid)) ?? Number.NaN) / MB);
  };
  const timer = setInterval(() => void look(), size.everyMs);
  const load = (share: number) => ({ vends: Math.round(vends * share), concurrency: size.concurrency });
  try {
    const before = await vendInFlight(contender.http.vend, load(size.warmup));
    await look();
    const warm = samples.length - 1;
    const { gave, cpuMs } = await usageOf(contender, () => vendInFlight(contender.http.vend, load(1 - size.warmup)));
    await look();
    const cpuMsPerVend = (cpuMs?.function ?? Number.NaN) / gave.vended;
    const refused = before.refused + gave.refused;
    return { ...asked, concurrency: size.concurrency, refused, cpuMsPerVend, ...growthOf(samples, warm) };
  } finally {
    clearInterval(timer);
    await contender.close();
  }
}

/** @param warm the place of the first sample after the warm-up. */
export function growthOf(
  samples: readonly number[],
  warm: number,
): Pick<MemoryRow, 'maxMb' | 'firstFifthMb' | 'lastFifthMb' | 'growthPercent'> {
  const watched = samples.slice(warm);
  const fifth = Math.ceil(watched.length / 5);
  const firstFifthMb = summarize(watched.slice(0, fifth)).median;
  const lastFifthMb = summarize(watched.slice(-fifth)).median;
  const growthPercent = (lastFifthMb / firstFifthMb - 1) * 100;
  return { maxMb: Math.max(...samples), firstFifthMb, lastFifthMb, growthPercent };
}
