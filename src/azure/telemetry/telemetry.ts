import { closestParent } from '../../vending/model/tracing.ts';
import type { Telemetry } from '../../vending/ports/telemetry.ts';
import type { OpenTelemetry } from './open-telemetry.ts';
import type { TelemetryOptions } from './otlp.ts';

export type { TelemetryOptions };

export type ClosableTelemetry = Telemetry & {
  /** Exports what is left. Does not throw, and gives up after a few seconds. */
  close(): Promise<void>;
};

/**
 * Telemetry over OTLP. The SDK is loaded here, and where nobody calls this it is never executed: what is not exported
 * costs a cold start nothing.
 */
export function createTelemetry(options: TelemetryOptions): ClosableTelemetry {
  const loading = import('./open-telemetry.ts').then((sdk) => sdk.openTelemetry(options));
  // Telemetry that cannot start must not keep anybody from vending.
  const ready = loading.catch(() => undefined);
  return { ...continuing(ready, undefined), close: async () => (await ready)?.close() };
}

type Ready = Promise<OpenTelemetry | undefined>;

function continuing(ready: Ready, parent: string | undefined): Telemetry {
  let opened: OpenTelemetry | undefined;
  void ready.then((sdk) => {
    opened = sdk;
  });
  return {
    span: async (name, attributes, work, describe) => {
      const sdk = await ready;
      return sdk === undefined ? work() : sdk.span(parent, { name, attributes }, work, describe);
    },
    measure: (instrument, value, dimensions) => void ready.then((sdk) => sdk?.measure(instrument, value, dimensions)),
    under: (traceparent) => continuing(ready, traceparent),
    traceparent: () => closestParent(opened?.active(), parent),
  };
}
