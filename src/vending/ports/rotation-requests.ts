import type { SendOutcome } from './messenger.ts';

/** How the reconciler asks a worker for a rotation that is due. */
export interface RotationRequests {
  /**
   * @param attempt of the key that is to be replaced. The same request for the same attempt is one rotation, however often
   *   it is sent.
   * @param replaces the key that is to be replaced. If another one is current by then, nothing happens.
   */
  request(credentialId: string, attempt: number, notBefore: Date, replaces: string): Promise<SendOutcome>;
}
