import type { EventIntake } from '../../vending/ports/event-intake.ts';
import type { Messenger } from '../../vending/ports/messenger.ts';
import type { SagaEffects, SagaPorts } from '../../vending/saga/ports.ts';
import type { VendSettings } from '../../vending/vend.ts';
import type { Backoff } from './backoff.ts';

export interface QueueSettings {
  readonly retryQueue: string;
  readonly resultQueue: string;
  /** Queues besides the result queue that a sender may ask to be answered on. */
  readonly replyQueues: readonly string[];
  readonly backoff: Backoff;
}

export interface QueueServices {
  readonly effects: SagaEffects;
  readonly settings: VendSettings;
  readonly messenger: Messenger;
  readonly queues: QueueSettings;
  readonly operatorRole: string;
  readonly intake: EventIntake;
}

/** The same for one message. */
export interface QueueWork extends QueueServices {
  readonly ports: SagaPorts;
  /** Of the trace that the message belongs to; carried on to its answer, whether or not there is telemetry. */
  readonly traceparent?: string | undefined;
}
