import type { UpstreamTrace } from '../model/tracing.ts';

/** One structured log record. There is no field for free text from outside, so no upstream answer can get into it. */
export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly credentialId?: string;
  readonly attempt?: number;
  readonly caller?: string;
  readonly state?: string;
  readonly marker?: string;
  readonly apiKeyId?: string;
  readonly problem?: string;
  /** The id of an event that came in, if it looks like one. */
  readonly eventId?: string;
  readonly eventType?: string;
  /** Why a request was denied, in our words. */
  readonly reason?: string;
  readonly transport?: 'http';
  /** The target of a denied request, once it is known to be well formed. */
  readonly target?: Readonly<Record<string, string>>;
  readonly counts?: Readonly<Record<string, number>>;
  readonly version?: string;
  /** Stack frames of a defect, without its message. */
  readonly stack?: string;
  readonly upstream?: UpstreamTrace;
}

export type Log = (entry: LogEntry) => void;

/** The parts of one request. An HTTP answer is no effect of ours, so `reply` is a message's alone. */
export type SpanName = 'vend' | 'revoke' | 'rotate' | 'end-overlap' | 'mint' | 'store' | 'compensate' | 'reply';

/** The closed list of a span's attributes. As in a log record there is no field for text from outside. */
export interface SpanAttributes {
  readonly credentialId?: string;
  readonly attempt?: number;
  readonly apiKeyId?: string;
  /** A word of a closed list: what an effect or a request came to. */
  readonly outcome?: string;
  /** It failed on our side of the line. */
  readonly failed?: boolean;
  readonly upstream?: UpstreamTrace | undefined;
}

/** Everything that is measured. Durations are in seconds, as OpenTelemetry's conventions have them. */
export const INSTRUMENTS = {
  'vending.outcomes': { kind: 'counter', unit: '{request}', description: 'Requests, by what they came to' },
  'vending.mint.duration': { kind: 'histogram', unit: 's', description: 'From the POST to its outcome' },
  'vending.store.duration': { kind: 'histogram', unit: 's', description: 'From the PUT to its outcome' },
  'vending.throttled': { kind: 'counter', unit: '{answer}', description: 'Answers that asked to wait (429)' },
  'vending.open_credentials': {
    kind: 'gauge',
    unit: '{credential}',
    description: 'Credentials that wait for a person, by the reason',
  },
  'vending.oldest_due': { kind: 'gauge', unit: 's', description: 'Age of the oldest review that is due' },
} as const satisfies Record<string, { kind: 'counter' | 'histogram' | 'gauge'; unit: string; description: string }>;
export type Instrument = keyof typeof INSTRUMENTS;

/** All values are of closed lists. A metric with many of them is dear. */
export interface Dimensions {
  readonly operation?: string;
  readonly outcome?: string;
  readonly service?: string;
  readonly state?: string;
}

/** Spans and metrics. Nothing here throws but the work itself, and nothing waits for an exporter. */
export interface Telemetry {
  /** Does the work in a span, a child of the active one, or else of `under`'s. `describe` turns its result into attributes. */
  span<T>(
    name: SpanName,
    attributes: SpanAttributes,
    work: () => Promise<T>,
    describe?: (result: T) => SpanAttributes,
  ): Promise<T>;
  measure(instrument: Instrument, value: number, dimensions: Dimensions): void;
  /** The same, going on with the trace of a W3C `traceparent`. */
  under(traceparent: string | undefined): Telemetry;
  /** Names the active span, for the next service of the trace. */
  traceparent(): string | undefined;
}

/** Does the work, in a span where there is telemetry. Without it, this is a call and nothing else. */
export function inSpan<T>(
  { telemetry }: { readonly telemetry?: Telemetry },
  name: SpanName,
  attributes: SpanAttributes,
  work: () => Promise<T>,
  describe?: (result: T) => SpanAttributes,
): Promise<T> {
  return telemetry === undefined ? work() : telemetry.span(name, attributes, work, describe);
}

/** Where a defect was, without its message: a message may quote data. */
export function stackFramesOf(error: unknown): string {
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  return frames
    .slice(0, 8)
    .map((line) => line.trim())
    .join(' | ');
}
