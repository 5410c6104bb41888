import { channel } from 'node:diagnostics_channel';
import * as z from 'zod';

/** Where the preload is told with which offset a process begins, in ms. */
export const CLOCK_OFFSET_VARIABLE = 'SANDBOX_CLOCK_OFFSET_MS';

/** What the sandbox says to a process whose clock it moves, and hears back once that is done. */
export const clockMessageSchema = z.object({ sandboxClockOffsetMs: z.int().min(0) });

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
