import type { Meter } from '@opentelemetry/api';
import { type Dimensions, INSTRUMENTS, type Instrument } from '../../vending/ports/telemetry.ts';

/** Seconds: a mint takes one or two and at most its deadline of a minute. The SDK's own are made for milliseconds. */
const BOUNDARIES = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60];

type Record = (value: number, dimensions: Dimensions) => void;

export function createInstruments(
  meter: Meter,
): (instrument: Instrument, value: number, dimensions: Dimensions) => void {
  const recorders = new Map<Instrument, Record>();
  return (name, value, dimensions) => {
    const record = recorders.get(name) ?? createInstrument(meter, name);
    recorders.set(name, record);
    record(value, dimensions);
  };
}

function createInstrument(meter: Meter, name: Instrument): Record {
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
