import type { VendSettings } from '../../vending/commands/settings.ts';
import type { EventIntake } from '../../vending/ports/event-intake.ts';
import type { Messenger } from '../../vending/ports/messenger.ts';
import type { Context, Effects } from '../../vending/saga/context.ts';
import type { Backoff } from './backoff.ts';

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
