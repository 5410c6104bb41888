import type { Caller } from '../model/caller.ts';
import type { UpstreamTrace } from '../model/upstream.ts';

/** `detail` is ours and names what is wrong with the token, never a part of it. */
export type AuthenticationOutcome =
  | { readonly kind: 'authenticated'; readonly caller: Caller }
  | { readonly kind: 'rejected'; readonly detail: string }
  | { readonly kind: 'unavailable'; readonly upstream: UpstreamTrace };

export interface CallerAuthenticator {
  /** @param authorization the `Authorization` header as received, or null. */
  authenticate(authorization: string | null): Promise<AuthenticationOutcome>;
}
