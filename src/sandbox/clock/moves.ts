import { channel } from 'node:diagnostics_channel';
import * as z from 'zod';

/** The variable with the clock's offset at the start of a process, in ms. */
export const CLOCK_OFFSET_VARIABLE = 'SANDBOX_CLOCK_OFFSET_MS';

/** The message to a process whose clock moves. The process sends it back when that is done. */
export const clockMessageSchema = z.object({ sandboxClockOffsetMs: z.int() });

export const clockMessage = (offsetMs: number): z.infer<typeof clockMessageSchema> => ({
  sandboxClockOffsetMs: offsetMs,
});

const moves = channel('sandbox:clock-moved');

export const announceMove = (): void => moves.publish({});

/** For what waits for a moment: timers are not shifted, so it has to look at the clock again. Returns how to stop. */
export function onClockMoved(listener: () => void): () => void {
  const subscriber = (): void => listener();
  moves.subscribe(subscriber);
  return () => moves.unsubscribe(subscriber);
}
