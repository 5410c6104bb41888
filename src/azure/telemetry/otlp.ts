import { setTimeout } from 'node:timers/promises';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { AlwaysOnSampler, BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { VERSION } from '../../vending/model/version.ts';

export interface TelemetryOptions {
  /** Of an OTLP/HTTP collector, without `/v1/…`. */
  readonly endpoint: string;
  readonly serviceName: string;
  /** Milliseconds between two exports. */
  readonly spanDelayMs: number;
  /** Milliseconds between two exports. */
  readonly metricIntervalMs: number;
}

export interface Exporting {
  readonly tracers: TracerProvider;
  readonly meters: MeterProvider;
  close(): Promise<void>;
}

/** The time limits of an export, and of the last one, for which the host does not wait long. Ms. */
const DEADLINE_MS = 5_000;

/** Over HTTP in JSON, to `<endpoint>/v1/traces` and `/v1/metrics`. Headers come from `OTEL_EXPORTER_OTLP_HEADERS`. */
export function startExport(options: TelemetryOptions, instanceId: string): Exporting {
  const { endpoint, serviceName, spanDelayMs, metricIntervalMs } = options;
  const resource = resourceFromAttributes({
    'service.name': serviceName,
    'service.version': VERSION,
    'service.instance.id': instanceId,
  });
  const to = (signal: string) => ({ url: `${endpoint}/v1/${signal}`, timeoutMillis: DEADLINE_MS });
  const tracers = new TracerProvider({
    resource,
    // The host's spans come unsampled wherever Application Insights takes them: parents must not decide.
    sampler: new AlwaysOnSampler(),
    spanProcessors: [
      new BatchSpanProcessor({ exporter: new OTLPTraceExporter(to('traces')), scheduledDelayMillis: spanDelayMs }),
    ],
  });
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(to('metrics')),
    exportIntervalMillis: metricIntervalMs,
    exportTimeoutMillis: Math.min(DEADLINE_MS, metricIntervalMs),
  });
  const meters = new MeterProvider({ resource, readers: [reader] });
  return {
    tracers,
    meters,
    close: async () => {
      const closing = Promise.allSettled([tracers.shutdown(), meters.shutdown()]);
      await Promise.race([closing, setTimeout(DEADLINE_MS, undefined, { ref: false })]);
    },
  };
}
