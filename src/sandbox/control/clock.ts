import * as z from 'zod';
import { parseDuration } from '../../vending/request/validation.ts';
import type { SandboxClock } from '../clock/clock.ts';

/** Dates stay within what Key Vault and JavaScript can say. */
const LONGEST_MS = 36_500 * 86_400_000;

export const advanceRequestSchema = z.strictObject({
  advance: z.string().transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== undefined && ms > 0 && ms <= LONGEST_MS) return ms;
    context.addIssue({ code: 'custom', message: 'Give a duration ahead, such as PT2H or P30D; at most P36500D' });
    return z.NEVER;
  }),
});

export interface ClockView {
  /** ISO 8601. */
  readonly now: string;
  /** How far that is ahead of real time. */
  readonly aheadSeconds: number;
}

export const viewClock = (clock: SandboxClock): ClockView => ({
  now: new Date(clock.now()).toISOString(),
  aheadSeconds: clock.offset() / 1000,
});
