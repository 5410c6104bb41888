import { ArmError } from './arm-error.ts';

export interface RateLimit {
  /** Tokens in a full bucket. */
  readonly capacity: number;
  readonly refillPerSecond: number;
}

export type RateLimits = Readonly<Record<'reads' | 'writes' | 'deletes', RateLimit>>;

/**
 * Azure Resource Manager's limits for one principal in one subscription and region.
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
 */
export const ARM_RATE_LIMITS: RateLimits = {
  reads: { capacity: 250, refillPerSecond: 25 },
  writes: { capacity: 200, refillPerSecond: 10 },
  deletes: { capacity: 200, refillPerSecond: 10 },
};

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** One token bucket for each kind of operation, subscription and principal. */
export class Throttle {
  readonly #buckets = new Map<string, Bucket>();
  readonly #limits: RateLimits;
  readonly #now: () => number;

  /** @param now milliseconds since the epoch. */
  constructor(limits: RateLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /**
   * Takes a token.
   *
   * @returns the header that says how many are left.
   * @throws ArmError 429 with `Retry-After` in whole seconds.
   */
  admit(method: string, subscriptionId: string, principalId: string): Record<string, string> {
    const kind = kindOf(method);
    const bucket = this.#bucket(kind, `${kind} ${subscriptionId.toLowerCase()} ${principalId}`);
    const header = `x-ms-ratelimit-remaining-subscription-${kind}`;
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return { [header]: String(Math.floor(bucket.tokens)) };
    }
    const seconds = Math.ceil((1 - bucket.tokens) / this.#limits[kind].refillPerSecond);
    throw new ArmError(
      429,
      'SubscriptionRequestsThrottled',
      `Number of '${kind}' requests for subscription '${subscriptionId}' exceeded. Please try again after '${seconds}' seconds.`,
      { [header]: '0', 'retry-after': String(seconds) },
    );
  }

  #bucket(kind: keyof RateLimits, name: string): Bucket {
    const { capacity, refillPerSecond } = this.#limits[kind];
    const now = this.#now();
    const bucket = this.#buckets.get(name) ?? { tokens: capacity, filledAt: now };
    bucket.tokens = Math.min(capacity, bucket.tokens + ((now - bucket.filledAt) / 1000) * refillPerSecond);
    bucket.filledAt = now;
    this.#buckets.set(name, bucket);
    return bucket;
  }
}

function kindOf(method: string): keyof RateLimits {
  if (method === 'GET' || method === 'HEAD') return 'reads';
  return method === 'DELETE' ? 'deletes' : 'writes';
}
