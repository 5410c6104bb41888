export const DAY_MS = 86_400_000;

/** A time as ISO 8601 writes it, in UTC. It sorts as time does. @param at milliseconds since the epoch */
export const iso = (at: number): string => new Date(at).toISOString();

/** How long each step of an attempt may take, in milliseconds. */
export interface Timings {
  /** A worker that claimed an attempt may act on it this long. */
  readonly leaseMs: number;
  /** This long after the lease, every effect that was ever sent has landed or never will. */
  readonly settleMs: number;
  /** The POST, from its token to the last byte of its answer. */
  readonly mintDeadlineMs: number;
  /** The write to the vault. */
  readonly storeDeadlineMs: number;
  /** A step begins only if this much of the lease is left beyond its deadline. */
  readonly marginMs: number;
  /** How long a failure or a revocation is remembered. After that its idempotency key is as good as new. */
  readonly retentionMs: number;
}

/** A time, and how long things take from then on. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly timings: Pick<Timings, 'leaseMs' | 'settleMs' | 'retentionMs'>;
}

/**
 * Confluent propagates a new key for about two minutes. Until then a 404 does not prove that the key is gone, and the key
 * may not work yet.
 */
export const PROPAGATION_MS = 2 * 60_000;

/** How far the clocks of two instances may differ. */
export const CLOCK_SKEW_MS = 2 * 60_000;

/** From this age on a 404 proves that a key is gone, also where another instance wrote down when it was minted. */
export const ABSENCE_PROVES_MS = PROPAGATION_MS + CLOCK_SKEW_MS;

/** A worker whose steps outlive its lease would race the reconciler, so such settings are refused. */
export const leaseCoversSteps = (timings: Timings): boolean =>
  timings.leaseMs >= timings.mintDeadlineMs + timings.storeDeadlineMs + 2 * timings.marginMs;
