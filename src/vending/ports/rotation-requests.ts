import type { SendOutcome } from './messenger.ts';

/** Where the reconciler leaves what has to be rotated, for a worker to take up. */
export interface RotationRequests {
  /** May be asked for again: an intent's rotation is one, however often it is asked for. */
  request(intentId: string, notBefore: Date): Promise<SendOutcome>;
}
