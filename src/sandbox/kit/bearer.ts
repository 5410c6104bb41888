/** Claims that emulated services look at, once a token has been verified. */
export interface BearerClaims {
  readonly iss: string;
  readonly aud: string;
  readonly tid: string;
  readonly oid: string;
  readonly appid?: string;
  readonly roles?: readonly string[];
}

export type BearerVerdict =
  | { readonly kind: 'valid'; readonly claims: BearerClaims }
  | { readonly kind: 'missing' }
  | { readonly kind: 'invalid'; readonly reason: 'malformed' | 'signature' | 'issuer' | 'audience' | 'expired' };

/** How an emulated service checks the `Authorization` header: signature, issuer, expiry, and one of its audiences. */
export interface BearerVerifier {
  verify(authorization: string | undefined, audiences: readonly string[]): Promise<BearerVerdict>;
}
