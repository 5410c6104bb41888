import type { Summary } from '../summary.ts';

export interface ColdStartResult {
  readonly contender: string;
  /** Milliseconds from before the process is made until its functions are registered. */
  readonly registeredMs: Summary;
  /** The process's own CPU time until then, milliseconds. */
  readonly cpuMs: Summary;
  /** Resident set size then, MiB. */
  readonly rssMiB: Summary;
  /** Milliseconds from before the process is made until its first key is vended; absent where it vends none. */
  readonly firstVendMs: Summary | undefined;
  /** The process's own CPU time until then, with that of what leads it into the sandbox, milliseconds. */
  readonly firstVendCpuMs: Summary | undefined;
}

const TITLES = ['', 'registered ms', 'CPU ms', 'RSS MiB', 'first vend ms', 'CPU ms'] as const;

/** Medians, with the middle half of the samples in brackets. */
export function tableOf(results: readonly ColdStartResult[]): string {
  const rows = results.map(({ contender, registeredMs, cpuMs, rssMiB, firstVendMs, firstVendCpuMs }) => [
    contender,
    ...[registeredMs, cpuMs, rssMiB, firstVendMs, firstVendCpuMs].map(cell),
  ]);
  const all = [TITLES, ...rows];
  const widths = TITLES.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  ')).join('\n');
}

const cell = (summary: Summary | undefined): string =>
  summary === undefined
    ? '–'
    : `${Math.round(summary.median)} [${Math.round(summary.p25)}–${Math.round(summary.p75)}] min ${Math.round(summary.min)}`;
