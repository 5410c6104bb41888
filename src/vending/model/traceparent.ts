/**
 * W3C Trace Context, version 00: trace and parent must not be all zeros.
 * https://www.w3.org/TR/trace-context/#traceparent-header
 */
export const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** @returns undefined for whatever is none: it comes from outside, and goes into messages. */
export const parseTraceparent = (value: unknown): string | undefined =>
  typeof value === 'string' && TRACEPARENT.test(value) ? value : undefined;

/** What to go on from: the nearer of the two, but never in another trace than the one that the sender began. */
export function nearest(near: string | undefined, sent: string | undefined): string | undefined {
  if (sent === undefined) return near;
  return near !== undefined && traceIdOf(near) === traceIdOf(sent) ? near : sent;
}

const traceIdOf = (traceparent: string): string | undefined => TRACEPARENT.exec(traceparent)?.[1];
