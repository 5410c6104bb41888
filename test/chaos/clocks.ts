import type { Random } from './random.ts';

/**
 * How far any two clocks may differ: of instances, and of an instance and Azure. The design bears two minutes beside a lease
 * of 150 s. These leases are twelve and a half times as short.
 */
export const SKEW_MS = 9_600;

/** Where the clocks of the instances may be, beside Azure's. One of the ends may be Azure's own time. */
export interface ClockWindow {
  readonly slowest: number;
  readonly fastest: number;
}

export function clockWindow(random: Random): ClockWindow {
  const slowest = -random.int(0, SKEW_MS);
  return { slowest, fastest: slowest + SKEW_MS };
}
