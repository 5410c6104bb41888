import type { SpanAttributes, SpanName, Telemetry } from './telemetry.ts';

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
