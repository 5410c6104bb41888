import type { UpstreamTrace } from '../model/upstream.ts';

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
