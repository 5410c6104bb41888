import * as z from 'zod';
import { expecting } from './field-errors.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const SHORTEST_MS = MINUTE_MS;
const LONGEST_MS = 3650 * DAY_MS;

const ISO_DURATION =
  /^P(?=[0-9T])(?:([0-9]{1,9})W)?(?:([0-9]{1,9})D)?(?:T(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?$/;
const UNITS_MS = [7 * DAY_MS, DAY_MS, 60 * MINUTE_MS, MINUTE_MS, 1000];

/**
 * Milliseconds of an ISO 8601 duration in weeks, days, hours, minutes and seconds, whole numbers only. Years and
 * months have no fixed length and are not read.
 */
export function parseDuration(text: string): number | undefined {
  const amounts = ISO_DURATION.exec(text)?.slice(1);
  return amounts?.reduce((sum, amount, index) => sum + Number(amount ?? 0) * (UNITS_MS[index] ?? 0), 0);
}

/** A validity: from one minute to 3650 days. */
export const validitySchema = z
  .string({ error: expecting('a string') })
  .regex(ISO_DURATION, {
    error: 'must be an ISO 8601 duration in weeks, days, hours, minutes or seconds, such as P90D or PT12H',
    abort: true,
  })
  .refine(isWithinLimits, 'must be at least PT1M and at most P3650D');

function isWithinLimits(text: string): boolean {
  const ms = parseDuration(text) ?? 0;
  return ms >= SHORTEST_MS && ms <= LONGEST_MS;
}
