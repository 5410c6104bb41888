export interface QueueSettings {
  readonly name: string;
  /** Deliveries after which a message that was never completed is dead-lettered. */
  readonly maxDeliveryCount: number;
  readonly lockDurationMs: number;
  /** 0: duplicates are not looked for. */
  readonly duplicateDetectionWindowMs: number;
  /** True: a message whose time to live is over becomes a dead letter. False: it is dropped. */
  readonly deadLetterExpired: boolean;
}

/** A message as it arrives. `content` is the protocol's affair and opaque to the queue. Times: ms since the epoch. */
export interface IncomingMessage<C> {
  readonly id: string | undefined;
  readonly scheduledFor: number | undefined;
  readonly timeToLiveMs: number | undefined;
  readonly content: C;
}

export interface QueuedMessage<C> extends IncomingMessage<C> {
  /** A scheduled message gets another one when it becomes active. */
  readonly sequenceNumber: number;
  readonly enqueuedAt: number;
  /** Deliveries that have ended without a settlement, or with an abandonment. */
  readonly deliveryCount: number;
  readonly state: 'active' | 'locked' | 'scheduled';
  /** Application properties that settlements have added, among them the dead-letter reason and description. */
  readonly properties: Properties;
  /** The queue that a dead letter comes from. */
  readonly deadLetterSource?: string;
}

export type Properties = Readonly<Record<string, unknown>>;

export type Enqueued =
  | { readonly kind: 'enqueued'; readonly sequenceNumber: number }
  | { readonly kind: 'duplicate'; readonly sequenceNumber: number };

export interface Lock<C> {
  readonly token: string;
  readonly until: number;
  readonly message: QueuedMessage<C>;
}

export type Settlement =
  | { readonly kind: 'complete' }
  | { readonly kind: 'abandon'; readonly properties: Properties }
  /** Gives the message back as if it had not been delivered. */
  | { readonly kind: 'release' }
  | { readonly kind: 'dead-letter'; readonly properties: Properties };
