import type { FieldError } from '../model/problems.ts';

/** The fields that CloudEvents and the Event Grid schema have in common. */
export interface EventEnvelope {
  /** CloudEvents' `source`, Event Grid's `topic`; with `id` it names the event. */
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
}

export type EnvelopeReading =
  | ({ readonly kind: 'event' } & EventEnvelope)
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] };
