import type { VendSettings } from '../../vending/policy/policy.ts';
import type { EventIntake, Messenger } from '../../vending/ports/messaging.ts';
import type { Context, Effects } from '../../vending/saga/context.ts';

/** How a message that cannot be served now is tried again, in milliseconds. */
export interface Backoff {
  readonly baseMs: number;
  readonly maxMs: number;
  /** How often a message is rescheduled before its failure is answered. */
  readonly maxAttempts: number;
}

export interface QueueSettings {
  readonly retryQueue: string;
  readonly resultQueue: string;
  /** Queues besides the result queue that a sender may ask to be answered on. */
  readonly replyQueues: readonly string[];
  readonly backoff: Backoff;
}

export interface QueueServices {
  readonly effects: Effects;
  readonly settings: VendSettings;
  readonly messenger: Messenger;
  readonly queues: QueueSettings;
  readonly operatorRole: string;
  readonly intake: EventIntake;
}

/** The same for one message. */
export interface QueueWork extends QueueServices {
  readonly ctx: Context;
  /** Names the trace of the message. Its answer continues that trace, with or without telemetry. */
  readonly traceparent?: string | undefined;
}
