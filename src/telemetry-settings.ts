import type { Settings } from './settings.ts';

export interface TelemetrySettings {
  readonly endpoint: string;
  readonly serviceName: string;
  readonly spanDelayMs: number | undefined;
  readonly metricIntervalMs: number | undefined;
}

/** @returns undefined where no collector is named: then nothing is measured. */
export function telemetryOf(settings: Settings): TelemetrySettings | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: serviceName } = settings;
  if (endpoint === undefined) return undefined;
  const { OTEL_BSP_SCHEDULE_DELAY: spanDelayMs, OTEL_METRIC_EXPORT_INTERVAL: metricIntervalMs } = settings;
  return { endpoint, serviceName, spanDelayMs, metricIntervalMs };
}
