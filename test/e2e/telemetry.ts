import { randomBytes } from 'node:crypto';
import type { CollectedPoint, CollectedSpan, Collector } from './collector.ts';
import { until } from './harness.ts';

/** Settings that have the function report to a collector at once. */
export const reportingTo = ({ endpoint }: Collector): Readonly<Record<string, string>> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_BSP_SCHEDULE_DELAY: '50',
  OTEL_METRIC_EXPORT_INTERVAL: '200',
});

export interface Trace {
  readonly id: string;
  readonly span: string;
  readonly parent: string;
}

export function newTrace(): Trace {
  const [id, span] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { id, span, parent: `00-${id}-${span}-01` };
}

/** The spans of a trace, once all of these are there. */
export const traced = (collector: Collector, id: string, ...names: readonly string[]): Promise<CollectedSpan[]> =>
  until(() => {
    const spans = collector.spans.filter(({ traceId }) => traceId === id);
    return names.every((name) => spans.some((span) => span.name === name)) ? spans : undefined;
  });

/** A point of a metric with these dimensions, once there is one. */
export const pointOf = (collector: Collector, metric: string, dimensions: object): Promise<CollectedPoint> =>
  until(() =>
    collector
      .points(metric)
      .find((point) => Object.entries(dimensions).every(([name, value]) => point.dimensions[name] === value)),
  );
