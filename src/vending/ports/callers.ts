import type { UpstreamTrace } from '../model/upstream.ts';

/** An authenticated caller: `entra:<tid>:<oid>` or `queue:<name>`. */
export interface Caller {
  readonly id: string;
  /** Entra app roles; empty for a queue. */
  readonly roles: readonly string[];
}

/** `detail` is ours and names what is wrong with the token, never a part of it. */
export type AuthenticationOutcome =
  | { readonly kind: 'authenticated'; readonly caller: Caller }
  | { readonly kind: 'rejected'; readonly detail: string }
  | { readonly kind: 'unavailable'; readonly upstream: UpstreamTrace };

export interface CallerAuthenticator {
  /** @param authorization the `Authorization` header as received, or null. */
  authenticate(authorization: string | null): Promise<AuthenticationOutcome>;
}
