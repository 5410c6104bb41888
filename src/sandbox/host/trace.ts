import { randomBytes } from 'node:crypto';
import type { TraceContext } from './rpc.ts';

const TRACE_PARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

/** The host's own span: a child of the caller's W3C `traceparent` if that is valid, else the root of a new trace. */
export function startSpan(traceParent: string | undefined, traceState: string | undefined): TraceContext {
  const parent = TRACE_PARENT.exec(traceParent ?? '');
  const traceId = parent?.[1] ?? randomBytes(16).toString('hex');
  const spanId = randomBytes(8).toString('hex');
  return {
    traceParent: `00-${traceId}-${spanId}-${parent?.[2] ?? '00'}`,
    traceState: parent === null ? '' : (traceState ?? ''),
    attributes: {},
  };
}
