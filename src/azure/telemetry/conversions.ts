import { type Attributes, type Context, ROOT_CONTEXT, type SpanContext, trace } from '@opentelemetry/api';
import { parseTraceparent } from '../../vending/model/traceparent.ts';
import type { SpanAttributes } from '../../vending/ports/telemetry.ts';

export function attributesOf({ credentialId, attempt, apiKeyId, outcome, upstream }: SpanAttributes): Attributes {
  return defined({
    'vending.credential_id': credentialId,
    'vending.attempt': attempt,
    'vending.api_key_id': apiKeyId,
    'vending.outcome': outcome,
    'vending.upstream.service': upstream?.service,
    'vending.upstream.code': upstream?.code,
    'vending.upstream.request_id': upstream?.requestId,
    'http.response.status_code': upstream?.status,
  });
}

const defined = (attributes: Record<string, string | number | undefined>): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined && value !== ''));

export function contextOf(traceparent: string | undefined): Context {
  const [, traceId, spanId, flags] = parseTraceparent(traceparent)?.split('-') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
  });
}

export function traceparentOf(span: SpanContext | undefined): string | undefined {
  if (span === undefined) return undefined;
  const { traceId, spanId, traceFlags } = span;
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
