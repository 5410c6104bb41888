/** How long each step of a vend may take, in milliseconds. */
export interface Timings {
  /** A worker that claimed an intent may act on it this long. */
  readonly leaseMs: number;
  /** After the lease, every effect that was ever sent has landed or never will. */
  readonly settleMs: number;
  /** The POST, from its token to the last byte of its answer. */
  readonly mintDeadlineMs: number;
  /** The write to the vault, with its retries. */
  readonly storeDeadlineMs: number;
  /** What must be left of the lease beyond a step's deadline when the step begins. */
  readonly marginMs: number;
  /** How long a failure is remembered; after that its idempotency key is as good as new. */
  readonly retentionMs: number;
}

export const DEFAULT_TIMINGS: Timings = {
  leaseMs: 150_000,
  settleMs: 60_000,
  mintDeadlineMs: 60_000,
  storeDeadlineMs: 30_000,
  marginMs: 10_000,
  retentionMs: 30 * 86_400_000,
};

/** A worker whose steps outlive its lease would race the reconciler: such settings are refused. */
export const leaseCoversSteps = (timings: Timings): boolean =>
  timings.leaseMs >= timings.mintDeadlineMs + timings.storeDeadlineMs + 2 * timings.marginMs;
