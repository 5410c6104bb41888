import { createHash } from 'node:crypto';
import type { Caller } from '../../vending/model/caller.ts';

/** For how long a signature need not be looked at again; the tenant's keys are kept for longer. Milliseconds. */
const GOOD_FOR_MS = 5 * 60_000;
const MOST = 1_000;

interface Verified {
  readonly caller: Caller;
  readonly until: number;
}

export interface VerifiedTokens {
  find(token: string, now: number): Caller | undefined;
  /** @param endsAt milliseconds since the epoch. */
  keep(token: string, caller: Caller, endsAt: number, now: number): void;
}

/**
 * Whose the tokens are that were verified just now: a portal presents one for an hour, and RS256 is the dearest step
 * of reading a request. Tokens are remembered by their digest, so none can be read out of the process's memory.
 */
export function createVerifiedTokens(): VerifiedTokens {
  const known = new Map<string, Verified>();
  const forgetOldest = (): void => {
    const [oldest] = known.keys();
    if (oldest !== undefined && known.size > MOST) known.delete(oldest);
  };
  return {
    find: (token, now) => {
      const verified = known.get(digestOf(token));
      return verified !== undefined && now < verified.until ? verified.caller : undefined;
    },
    keep: (token, caller, endsAt, now) => {
      known.set(digestOf(token), { caller, until: Math.min(endsAt, now + GOOD_FOR_MS) });
      forgetOldest();
    },
  };
}

const digestOf = (token: string): string => createHash('sha256').update(token).digest('base64');
