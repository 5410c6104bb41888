import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { type Context, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Dimensions, Instrument, SpanAttributes, SpanName } from '../../vending/ports/telemetry.ts';
import { attributesOf, contextOf, traceparentOf } from './conversions.ts';
import { createInstruments } from './instruments.ts';
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
