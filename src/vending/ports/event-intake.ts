import type { CommandEvent, KeyVaultEvent } from '../events/incoming-event.ts';
import type { Caller } from './callers.ts';

/** An event that the service acts on. */
export type ActionableEvent = CommandEvent | KeyVaultEvent;

/** Takes events in, to be acted on later. */
export interface EventIntake {
  /**
   * `accepted`: all of them are kept safe. `not-accepted`: some may be, and the sender will send all of them again.
   * Does not throw.
   *
   * @param caller who delivered them; commands are the caller's.
   * @param traceparent of the delivery: what comes of the events goes on with its trace.
   */
  accept(
    events: readonly ActionableEvent[],
    caller: Caller,
    traceparent?: string,
  ): Promise<'accepted' | 'not-accepted'>;
}
