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

/**
 * W3C Trace Context, version 00: trace and parent must not be all zeros.
 * https://www.w3.org/TR/trace-context/#traceparent-header
 */
export const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** @returns undefined for whatever is none: it comes from outside, and goes into messages. */
export const parseTraceparent = (value: unknown): string | undefined =>
  typeof value === 'string' && TRACEPARENT.test(value) ? value : undefined;

/** What to go on from: the nearer of the two, but never in another trace than the one that the sender began. */
export function closestParent(near: string | undefined, sent: string | undefined): string | undefined {
  if (sent === undefined) return near;
  return near !== undefined && traceIdOf(near) === traceIdOf(sent) ? near : sent;
}

const traceIdOf = (traceparent: string): string | undefined => TRACEPARENT.exec(traceparent)?.[1];
