import type { Dimensions, Instrument, SpanAttributes, SpanName, Telemetry } from '../../src/vending/ports/telemetry.ts';

export interface RecordedSpan {
  readonly name: SpanName;
  readonly parent: string | undefined;
  readonly attributes: SpanAttributes;
}

export interface Measurement {
  readonly instrument: Instrument;
  readonly value: number;
  readonly dimensions: Dimensions;
}

/** Keeps what it is told. */
export class RecordedTelemetry implements Telemetry {
  readonly spans: RecordedSpan[];
  readonly measurements: Measurement[];
  readonly #parent: string | undefined;

  constructor(spans: RecordedSpan[] = [], measurements: Measurement[] = [], parent?: string) {
    this.spans = spans;
    this.measurements = measurements;
    this.#parent = parent;
  }

  async span<T>(
    name: SpanName,
    attributes: SpanAttributes,
    work: () => Promise<T>,
    describe?: (result: T) => SpanAttributes,
  ): Promise<T> {
    const result = await work();
    this.spans.push({ name, parent: this.#parent, attributes: { ...attributes, ...describe?.(result) } });
    return result;
  }

  measure(instrument: Instrument, value: number, dimensions: Dimensions): void {
    this.measurements.push({ instrument, value, dimensions });
  }

  under(traceparent: string | undefined): Telemetry {
    return new RecordedTelemetry(this.spans, this.measurements, traceparent);
  }

  traceparent(): string | undefined {
    return this.#parent;
  }
}
