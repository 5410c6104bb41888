/**
 * Every way in which a request can fail, as RFC 9457 problem types. The list is closed and stable: callers switch on it.
 *
 * `transient`: the same request may succeed later although nobody changes anything. So a queue message is
 * rescheduled. An HTTP caller may retry with the same idempotency key.
 */
export const PROBLEMS = {
  'malformed-request': { status: 400, title: 'The request cannot be read', transient: false },
  'invalid-request': { status: 400, title: 'The request is not valid', transient: false },
  'idempotency-key-required': { status: 400, title: 'An idempotency key is required', transient: false },
  unauthenticated: { status: 401, title: 'The caller could not be authenticated', transient: false },
  forbidden: { status: 403, title: 'Policy does not allow this request', transient: false },
  'not-found': { status: 404, title: 'There is no such credential', transient: false },
  'target-not-found': { status: 404, title: 'The Confluent target does not exist', transient: false },
  'request-in-progress': { status: 409, title: 'A request with this idempotency key is in progress', transient: true },
  'secret-name-taken': { status: 409, title: 'The secret name is in use', transient: false },
  'secret-name-soft-deleted': { status: 409, title: 'The secret name is soft-deleted', transient: false },
  'quota-exhausted': { status: 409, title: 'The Confluent API key quota is exhausted', transient: false },
  'not-resolvable': { status: 409, title: 'The credential cannot be resolved like this', transient: false },
  'not-rotatable': { status: 409, title: 'The credential has no key that could be rotated', transient: false },
  'already-rotated': { status: 409, title: 'The key was rotated already', transient: false },
  'no-overlap': { status: 409, title: 'The key that is named is not in an overlap', transient: false },
  'bulk-conflict': { status: 409, title: 'The bulk operation does not allow this', transient: false },
  'not-paused': { status: 409, title: 'The service is not paused', transient: false },
  'record-full': {
    status: 409,
    title: 'The record of this credential has no room for another attempt',
    transient: false,
  },
  'rotation-too-soon': { status: 409, title: 'The last rotation is still in its overlap', transient: false },
  revoked: { status: 410, title: 'The credential was revoked', transient: false },
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
  'vault-refused': { status: 503, title: 'The vault refuses secrets of this service', transient: true },
  'vault-unavailable': { status: 503, title: 'The vault does not take writes', transient: true },
  'ledger-unavailable': { status: 503, title: 'The ledger could not be reached', transient: true },
  'identity-provider-unavailable': { status: 503, title: 'Tokens cannot be verified at the moment', transient: true },
  'queue-unavailable': { status: 503, title: 'The queue does not take messages', transient: true },
  paused: { status: 503, title: 'No new keys are minted at the moment', transient: true },
  'not-settled': { status: 503, title: 'Work from before the pause may not have ended', transient: true },
  'not-yet-confirmed': { status: 503, title: 'The key is not confirmed yet', transient: true },
  'out-of-time': { status: 503, title: 'The request ran out of time', transient: true },
  expired: { status: 410, title: 'The message expired before it could be served', transient: false },
  'reply-not-allowed': { status: 400, title: 'The reply queue is not allowed', transient: false },
  'internal-error': { status: 500, title: 'The service failed', transient: true },
} as const satisfies Record<string, { status: number; title: string; transient: boolean }>;

export type ProblemType = keyof typeof PROBLEMS;

export const PROBLEM_TYPES = Object.keys(PROBLEMS) as [ProblemType, ...ProblemType[]];

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

/** The same for a query parameter. */
export interface ParameterError {
  readonly parameter: string;
  readonly detail: string;
}

export interface Problem extends ProblemSummary {
  readonly errors?: readonly (FieldError | ParameterError)[];
  readonly retryAfterMs?: number;
}

export interface FieldErrors {
  readonly errors: readonly FieldError[];
}

/** What a parser makes of its input: the value, or why there is none. */
export type Result<Value, Why = { readonly problem: Problem }> =
  | { readonly kind: 'valid'; readonly value: Value }
  | ({ readonly kind: 'invalid' } & Why);

export const problemOf = (type: ProblemType, detail: string, retryAfterMs?: number): Problem =>
  retryAfterMs === undefined ? { type, detail } : { type, detail, retryAfterMs };

export const invalidRequest = (errors: readonly (FieldError | ParameterError)[]): Problem => ({
  type: 'invalid-request',
  detail: 'The request breaks the rules listed in errors.',
  errors,
});

export const invalidField = (pointer: string, detail: string): Problem => invalidRequest([{ pointer, detail }]);

/** What callers read more than once. A text that only one place needs stands there. */
export const LEDGER_UNAVAILABLE = problemOf('ledger-unavailable', 'The ledger did not answer; ask again.', 5_000);
export const NOTHING_RECORDED = problemOf(
  'ledger-unavailable',
  'The request could not be recorded, so nothing was minted; ask again.',
  5_000,
);
export const VAULT_UNAVAILABLE = problemOf(
  'vault-unavailable',
  'The vault takes no writes at the moment; nothing was minted.',
  15_000,
);
export const NOT_FOUND = problemOf('not-found', 'No credential with this id is yours.');
export const IN_PROGRESS = problemOf('request-in-progress', 'This request is being worked on; ask again.', 2_000);
export const CLEANING_UP = problemOf(
  'request-in-progress',
  'The key of an earlier attempt is being deleted; ask again.',
  15_000,
);
export const REVOKED = problemOf('revoked', 'This credential was revoked; use a new idempotency key.');
export const PAUSED = problemOf('paused', 'The operators of this service have paused it; try again later.', 60_000);
export const UNCONFIRMED = problemOf(
  'not-yet-confirmed',
  'The vault or the ledger has not confirmed the key yet; ask again with the same idempotency key.',
  15_000,
);
export const OUT_OF_TIME = problemOf('out-of-time', 'The lease of this attempt ran out; ask again.', 5_000);

/** @param marker of the attempt */
export const outcomeUnknown = (marker: string): Problem =>
  problemOf(
    'outcome-unknown',
    `No answer proved whether a key was minted. If one was, its description ends in "${marker}". An operator has to look; nothing is tried again by itself.`,
  );
