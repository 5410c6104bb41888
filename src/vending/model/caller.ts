import type { UpstreamTrace } from './tracing.ts';

/** An authenticated caller: `entra:<tenant id>:<object id>`, `queue:<name>`, or `events`. */
export interface Caller {
  readonly id: string;
  /** Entra app roles; empty for a queue. */
  readonly roles: readonly string[];
}

/** By what right somebody acts on a credential: as its caller or manager, as an operator, or as this service itself. */
export type Authority =
  | { readonly kind: 'caller'; readonly caller: Caller }
  | { readonly kind: 'operator'; readonly caller: Caller }
  | { readonly kind: 'service' };

export const authorityOf = (caller: Caller, operatorRole: string): Authority => ({
  kind: caller.roles.includes(operatorRole) ? 'operator' : 'caller',
  caller,
});

/** An operator in the audit trail, and where a row says who acted. */
export const operatorName = ({ id }: Caller): string => `operator:${id}`;

/** `detail` is ours and names what is wrong with the token, never a part of it. */
export type AuthenticationOutcome =
  | { readonly kind: 'authenticated'; readonly caller: Caller }
  | { readonly kind: 'rejected'; readonly detail: string }
  | { readonly kind: 'unavailable'; readonly upstream: UpstreamTrace };

export interface CallerAuthenticator {
  /** @param authorization the `Authorization` header as received, or null. */
  authenticate(authorization: string | null): Promise<AuthenticationOutcome>;
}
