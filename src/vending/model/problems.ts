/**
 * Every way in which a request can fail, as RFC 9457 problem types. The list is closed and stable: callers switch on it.
 *
 * `transient`: the same request may succeed later without anybody changing anything, so a queue message is put off
 * and tried again; an HTTP caller may retry with the same idempotency key.
 */
export const PROBLEMS = {
  'malformed-request': { status: 400, title: 'The request cannot be read', transient: false },
  'invalid-request': { status: 400, title: 'The request is not valid', transient: false },
  'idempotency-key-required': { status: 400, title: 'An idempotency key is required', transient: false },
  unauthenticated: { status: 401, title: 'The caller could not be authenticated', transient: false },
  forbidden: { status: 403, title: 'Policy does not allow this request', transient: false },
  'not-found': { status: 404, title: 'There is no such request', transient: false },
  'target-not-found': { status: 404, title: 'The Confluent target does not exist', transient: false },
  'request-in-progress': { status: 409, title: 'A request with this idempotency key is in progress', transient: true },
  'secret-name-taken': { status: 409, title: 'The secret name is in use', transient: false },
  'secret-name-soft-deleted': { status: 409, title: 'The secret name is soft-deleted', transient: false },
  'quota-exhausted': { status: 409, title: 'The Confluent API key quota is exhausted', transient: false },
  'not-resolvable': { status: 409, title: 'The request cannot be resolved like this', transient: false },
  'not-revocable': { status: 409, title: 'The request has no key that could be revoked', transient: false },
  'not-rotatable': { status: 409, title: 'The request has no key that could be rotated', transient: false },
  'rotation-too-soon': { status: 409, title: 'The last rotation is still in its overlap', transient: false },
  revoked: { status: 410, title: 'The key of this request was revoked', transient: false },
  'payload-too-large': { status: 413, title: 'The request body is too large', transient: false },
  'unsupported-media-type': { status: 415, title: 'The request body must be JSON', transient: false },
  'idempotency-key-reused': {
    status: 422,
    title: 'The idempotency key was used for another request',
    transient: false,
  },
  'upstream-throttled': { status: 503, title: 'Azure throttled the request', transient: true },
  'upstream-unreachable': { status: 503, title: 'Azure Resource Manager could not be reached', transient: true },
  'upstream-forbidden': { status: 502, title: 'Azure refused the identity of this service', transient: false },
  'upstream-refused': { status: 502, title: 'Azure refused the request', transient: false },
  'key-unusable': { status: 502, title: 'The key came back without a secret', transient: false },
  'owner-not-allowed': {
    status: 502,
    title: 'The key came back with an owner that policy does not allow',
    transient: false,
  },
  'outcome-unknown': { status: 502, title: 'It is unknown whether a key was minted', transient: false },
  'vault-unavailable': { status: 503, title: 'The vault does not take writes', transient: true },
  'ledger-unavailable': { status: 503, title: 'The ledger could not be reached', transient: true },
  'identity-provider-unavailable': { status: 503, title: 'Tokens cannot be verified at the moment', transient: true },
  'queue-unavailable': { status: 503, title: 'The queue does not take messages', transient: true },
  paused: { status: 503, title: 'No new keys are minted at the moment', transient: true },
  'not-yet-confirmed': { status: 503, title: 'The key is not confirmed yet', transient: true },
  'not-yet-revoked': { status: 503, title: 'The key is not proven to be deleted yet', transient: true },
  'out-of-time': { status: 503, title: 'The request ran out of time', transient: true },
  'reply-not-allowed': { status: 400, title: 'The reply queue is not allowed', transient: false },
  'internal-error': { status: 500, title: 'The service failed', transient: true },
} as const satisfies Record<string, { status: number; title: string; transient: boolean }>;

export type ProblemType = keyof typeof PROBLEMS;

/** A problem as it is kept in the ledger and answered. `detail` is written by us, never taken from an upstream. */
export interface ProblemSummary {
  readonly type: ProblemType;
  readonly detail: string;
}

export interface FieldError {
  /** RFC 6901 pointer into the request body. */
  readonly pointer: string;
  readonly detail: string;
}

export interface Problem extends ProblemSummary {
  readonly errors?: readonly FieldError[];
  readonly retryAfterMs?: number;
}
