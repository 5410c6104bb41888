/** The services that the function calls; names used in logs and faults. */
export type UpstreamService = 'arm' | 'identity' | 'vault' | 'ledger' | 'bus' | 'jwks' | 'events';

/**
 * The parts of an upstream answer that may be logged. Never its text: error bodies of ARM and Key Vault can echo the secret.
 */
export interface UpstreamTrace {
  readonly service: UpstreamService;
  /** HTTP status, absent when no answer came. */
  readonly status?: number;
  /** The service's own error code (`error.code`, or Node's `ECONNRESET`), only if it matches `[A-Za-z0-9_.-]{1,64}`. */
  readonly code?: string;
  /** `x-ms-request-id` or the service's equivalent. */
  readonly requestId?: string;
}
