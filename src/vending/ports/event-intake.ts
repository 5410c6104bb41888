import type { CommandEvent, KeyVaultEvent } from '../events/incoming-event.ts';
import type { Caller } from '../model/caller.ts';

/** An event that the service acts on. */
export type ActionableEvent = CommandEvent | KeyVaultEvent;

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
