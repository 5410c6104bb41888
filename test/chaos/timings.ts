import { DEFAULT_TIMINGS } from '../vending/world/timings.ts';

/**
 * Short, so that a run shows recovery. Lease and settling time still outlast every delay of the weather. The lease leaves
 * room for a slow machine: a run in which most attempts run out of time never becomes quiet.
 */
export const TIMINGS = {
  ...DEFAULT_TIMINGS,
  leaseMs: 12_000,
  settleMs: 3_000,
  mintDeadlineMs: 2_000,
  storeDeadlineMs: 2_000,
  marginMs: 1_000,
};

const seconds = (ms: number): string => String(ms / 1000);

export const TIMING_SETTINGS = {
  MINT_DEADLINE_SECONDS: seconds(TIMINGS.mintDeadlineMs),
  STORE_DEADLINE_SECONDS: seconds(TIMINGS.storeDeadlineMs),
  LEASE_MARGIN_SECONDS: seconds(TIMINGS.marginMs),
  LEASE_SECONDS: seconds(TIMINGS.leaseMs),
  SETTLE_SECONDS: seconds(TIMINGS.settleMs),
};
