import type { Target } from '../../vending/model/target.ts';
import type { Clock } from '../../vending/ports/clock.ts';
import type { MintOutcome } from '../../vending/ports/confluent.ts';

/** ARM counts by the second and by the hour. A longer wait is a broken clock, which must not stop a subscription for days. */
const MAX_MS = 3_600_000;

export interface Throttle {
  /** Milliseconds until this instance may ask again; 0: now. */
  left(target: Target): number;
  noted(target: Target, outcome: MintOutcome): MintOutcome;
}

/** ARM throttles a principal in a subscription, so an answer to one request holds for all of them. */
export function createThrottle(clock: Pick<Clock, 'now'>): Throttle {
  const ends = new Map<string, number>();
  const keyOf = ({ subscriptionId }: Target): string => subscriptionId.toLowerCase();
  return {
    left: (target) => Math.max(0, (ends.get(keyOf(target)) ?? 0) - clock.now()),
    noted: (target, outcome) => {
      if (outcome.kind === 'throttled') ends.set(keyOf(target), clock.now() + Math.min(outcome.retryAfterMs, MAX_MS));
      return outcome;
    },
  };
}
