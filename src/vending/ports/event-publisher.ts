import type { PublishableEvent } from '../events/outgoing-schema.ts';
import type { UpstreamTrace } from '../model/upstream.ts';

export type PublishOutcome =
  | { readonly kind: 'published' }
  /** As far as is known: an answer that got lost leaves an event that was published. */
  | { readonly kind: 'not-published'; readonly upstream: UpstreamTrace };

export interface EventPublisher {
  /** At least once: consumers tell by `source` and `id`. Does not throw. */
  publish(event: PublishableEvent): Promise<PublishOutcome>;
}
