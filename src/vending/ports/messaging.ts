import type { BrokenCommand, CommandEvent, KeyVaultEvent } from '../events/incoming.ts';
import type { PublishableEvent } from '../events/outgoing-schema.ts';
import type { Caller } from '../model/caller.ts';
import type { UpstreamTrace } from '../model/tracing.ts';

export interface OutgoingMessage {
  readonly messageId: string;
  /** JSON text. */
  readonly body: string;
  readonly contentType: string;
  readonly subject?: string;
  readonly correlationId?: string;
  /** Names the session in which the receiver waits for this answer. */
  readonly sessionId?: string;
  /** The Functions library makes the first letter of each name a small one on the way in. */
  readonly applicationProperties?: Readonly<Record<string, string | number | boolean>>;
}

export type SendOutcome = { readonly kind: 'sent' } | { readonly kind: 'not-sent'; readonly upstream: UpstreamTrace };

/** Service Bus, for answers, retry messages and events. No method throws. */
export interface Messenger {
  send(queue: string, message: OutgoingMessage): Promise<SendOutcome>;
  /** Delivered not before `notBefore` (`scheduledEnqueueTimeUtc`). */
  sendLater(queue: string, message: OutgoingMessage, notBefore: Date): Promise<SendOutcome>;
}

export type PublishOutcome =
  | { readonly kind: 'published' }
  /** As far as is known: an answer that got lost leaves an event that was published. */
  | { readonly kind: 'not-published'; readonly upstream: UpstreamTrace };

export interface EventPublisher {
  /** At least once: consumers know a repetition by `source` and `id`. Does not throw. */
  publish(event: PublishableEvent): Promise<PublishOutcome>;
}

/** An event that the service acts on. */
export type ActionableEvent = CommandEvent | KeyVaultEvent | BrokenCommand;

/** Keeps events until the service acts on them. */
export interface EventIntake {
  /**
   * `accepted`: all of them are kept. `not-accepted`: some may be, so the sender has to send all of them again. Does not
   * throw.
   *
   * @param caller delivered the events. Their commands are the caller's.
   * @param traceparent of the delivery. The work on the events continues its trace.
   */
  accept(
    events: readonly ActionableEvent[],
    caller: Caller,
    traceparent?: string,
  ): Promise<'accepted' | 'not-accepted'>;
}

/** How the reconciler asks a worker for a rotation that is due. */
export interface RotationRequests {
  request(asked: RotationRequest): Promise<SendOutcome>;
}

export interface RotationRequest {
  readonly credentialId: string;
  /** The attempt whose key is to be replaced. All requests for one attempt are one rotation, however many are sent. */
  readonly attempt: number;
  /** The key that is to be replaced. If another one is current by then, nothing happens. */
  readonly replaces: string;
  /** It names the row that shows the rotation as due. Reviews that read the same row send one message. */
  readonly etag: string;
  readonly notBefore: Date;
}
