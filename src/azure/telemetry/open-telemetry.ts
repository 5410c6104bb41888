import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import {
  type Attributes,
  type Context,
  type Meter,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { parseTraceparent } from '../../vending/model/tracing.ts';
import {
  type Dimensions,
  INSTRUMENTS,
  type Instrument,
  type SpanAttributes,
  type SpanName,
} from '../../vending/ports/telemetry.ts';
import { startExport, type TelemetryOptions } from './otlp.ts';

export interface NamedSpan {
  readonly name: SpanName;
  readonly attributes: SpanAttributes;
}

/** The SDK, started. */
export interface OpenTelemetry {
  span<T>(
    parent: string | undefined,
    span: NamedSpan,
    work: () => Promise<T>,
    describe?: (result: T) => SpanAttributes,
  ): Promise<T>;
  measure(instrument: Instrument, value: number, dimensions: Dimensions): void;
  /** `traceparent` of the span that is active. */
  active(): string | undefined;
  close(): Promise<void>;
}

const SCOPE = 'confluent-api-key-vending';

/** Nothing global is registered: what else runs in the process neither sees these spans nor adds to them. */
export function openTelemetry(options: TelemetryOptions): OpenTelemetry {
  const exporting = startExport(options, randomUUID());
  const tracer = exporting.tracers.getTracer(SCOPE);
  const measure = createInstruments(exporting.meters.getMeter(SCOPE));
  const contexts = new AsyncLocalStorage<Context>();
  return {
    span: (parent, { name, attributes }, work, describe) => {
      const context = contexts.getStore() ?? contextOf(parent);
      const span = tracer.startSpan(name, { attributes: attributesOf(attributes) }, context);
      return contexts.run(trace.setSpan(context, span), () => finish(span, work, describe));
    },
    measure,
    active: () => {
      const context = contexts.getStore();
      return context === undefined ? undefined : traceparentOf(trace.getSpanContext(context));
    },
    close: exporting.close,
  };
}

/** What is thrown is not recorded: its message may quote data. */
async function finish<T>(
  span: Span,
  work: () => Promise<T>,
  describe: ((result: T) => SpanAttributes) | undefined,
): Promise<T> {
  try {
    const result = await work();
    const { failed = false, ...attributes } = describe?.(result) ?? {};
    span.setAttributes(attributesOf(attributes));
    if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
    return result;
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

function attributesOf({ credentialId, attempt, apiKeyId, outcome, upstream }: SpanAttributes): Attributes {
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

function contextOf(traceparent: string | undefined): Context {
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

/** Seconds: a mint takes one or two and at most its deadline of a minute. The SDK's own are made for milliseconds. */
const BOUNDARIES = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60];

type Recorder = (value: number, dimensions: Dimensions) => void;

function createInstruments(meter: Meter): (instrument: Instrument, value: number, dimensions: Dimensions) => void {
  const recorders = new Map<Instrument, Recorder>();
  return (name, value, dimensions) => {
    const record = recorders.get(name) ?? createInstrument(meter, name);
    recorders.set(name, record);
    record(value, dimensions);
  };
}

function createInstrument(meter: Meter, name: Instrument): Recorder {
  const { kind, ...options } = INSTRUMENTS[name];
  switch (kind) {
    case 'counter': {
      const counter = meter.createCounter(name, options);
      return (value, dimensions) => counter.add(value, { ...dimensions });
    }
    case 'gauge': {
      const gauge = meter.createGauge(name, options);
      return (value, dimensions) => gauge.record(value, { ...dimensions });
    }
    case 'histogram': {
      const advice = { explicitBucketBoundaries: BOUNDARIES };
      const histogram = meter.createHistogram(name, { ...options, advice });
      return (value, dimensions) => histogram.record(value, { ...dimensions });
    }
  }
}
