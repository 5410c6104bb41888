import type { KeyRecord, Target } from '../model/resources.ts';
import type { UpstreamTrace } from '../model/tracing.ts';
import type { Secret } from '../secret/secret.ts';

export interface MintRequest {
  readonly target: Target;
  readonly name: string;
  /** Ends with the attempt's marker. */
  readonly description: string;
}

/** Why ARM proved that it minted nothing. */
export type RefusalReason = 'target-not-found' | 'quota-exhausted' | 'upstream-forbidden' | 'upstream-refused';

/** The outcome of the one POST, classed by what is *proven*. */
export type MintOutcome =
  | { readonly kind: 'not-sent'; readonly upstream: UpstreamTrace }
  | { readonly kind: 'throttled'; readonly retryAfterMs: number; readonly upstream: UpstreamTrace }
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly upstream: UpstreamTrace }
  | { readonly kind: 'minted'; readonly key: KeyRecord; readonly secret: Secret; readonly upstream: UpstreamTrace }
  | { readonly kind: 'no-secret'; readonly key: KeyRecord; readonly upstream: UpstreamTrace }
  | { readonly kind: 'ambiguous'; readonly upstream: UpstreamTrace };

/** `absent`: 204 or 404. `forbidden`: 403, which Confluent answers for deleted keys too. `refused`: a lock or the like. */
export type DeleteKeyOutcome = {
  readonly kind: 'deleted' | 'absent' | 'forbidden' | 'refused' | 'unclear';
  readonly upstream: UpstreamTrace;
};

export type GetKeyOutcome =
  | { readonly kind: 'found'; readonly key: KeyRecord; readonly upstream: UpstreamTrace }
  | { readonly kind: 'absent' | 'forbidden' | 'unclear'; readonly upstream: UpstreamTrace };

/** The connection of one POST. It carries nothing else, so what comes back on it is the answer to that POST. */
export interface MintConnection {
  /** Sends at most one POST, whatever happens; answers within `deadlineMs`. Call it once. */
  mint(request: MintRequest, deadlineMs: number): Promise<MintOutcome>;
  /** Closes a connection that is not needed after all. */
  discard(): void;
}

/** Confluent's API keys, through ARM. No method throws. */
export interface ConfluentKeys {
  /** Opens the connection for one POST while the claim is being committed. Sends no request. */
  openMintConnection(): MintConnection;
  /**
   * Milliseconds that ARM still has this instance wait, as it answered to any mint in the same subscription; 0 for none.
   * Asks nobody.
   */
  throttledFor(target: Target): number;
  deleteKey(target: Target, keyId: string): Promise<DeleteKeyOutcome>;
  getKey(target: Target, keyId: string): Promise<GetKeyOutcome>;
}
