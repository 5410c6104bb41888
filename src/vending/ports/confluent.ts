import type { KeyRecord } from '../model/key-record.ts';
import type { Target } from '../model/target.ts';
import type { UpstreamTrace } from '../model/upstream.ts';
import type { Secret } from '../secret/secret.ts';

export interface MintRequest {
  readonly target: Target;
  readonly name: string;
  /** Ends with the attempt's marker. */
  readonly description: string;
}

/** Why ARM proved that it minted nothing. */
export type RefusalReason = 'target-not-found' | 'quota-exhausted' | 'upstream-forbidden' | 'upstream-refused';

/** The outcome of the one POST, classed by what is *proven* (DESIGN section 5, "Outcome of the POST"). */
export type MintOutcome =
  | { readonly kind: 'not-sent'; readonly upstream: UpstreamTrace }
  | { readonly kind: 'throttled'; readonly retryAfterMs: number; readonly upstream: UpstreamTrace }
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly upstream: UpstreamTrace }
  | { readonly kind: 'minted'; readonly key: KeyRecord; readonly secret: Secret; readonly upstream: UpstreamTrace }
  | { readonly kind: 'no-secret'; readonly key: KeyRecord; readonly upstream: UpstreamTrace }
  | { readonly kind: 'ambiguous'; readonly upstream: UpstreamTrace };

/** `absent` is a 404, `forbidden` a 403 (Confluent answers it for deleted keys too: no proof either way). */
export type DeleteKeyOutcome = {
  readonly kind: 'deleted' | 'absent' | 'forbidden' | 'unclear';
  readonly upstream: UpstreamTrace;
};

export type GetKeyOutcome =
  | { readonly kind: 'found'; readonly key: KeyRecord; readonly upstream: UpstreamTrace }
  | { readonly kind: 'absent' | 'forbidden' | 'unclear'; readonly upstream: UpstreamTrace };

/** Confluent's API keys, through ARM. No method throws. */
export interface ConfluentKeys {
  /** Sends at most one POST, whatever happens; answers within `deadlineMs`. */
  mint(request: MintRequest, deadlineMs: number): Promise<MintOutcome>;
  deleteKey(target: Target, keyId: string): Promise<DeleteKeyOutcome>;
  getKey(target: Target, keyId: string): Promise<GetKeyOutcome>;
}
