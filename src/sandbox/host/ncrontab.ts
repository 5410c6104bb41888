import { Cron } from 'croner';
import { HostStartError } from './settings.ts';

/**
 * What `croner` and the Functions host read alike. `croner` knows `L`, `W`, `#`, `?`, 7 for Sunday and dates besides. A
 * range that ends on Sunday is another one for each: the host swaps its ends.
 */
const fieldOf = (number: string): string => {
  const item = String.raw`(?:\*|(?:${number}|[A-Z]{3})(?:-(?:${number}|(?!SUN)[A-Z]{3}))?)(?:/\d+)?`;
  return `${item}(?:,${item})*`;
};
const NCRONTAB = new RegExp(String.raw`^(?:${fieldOf(String.raw`\d+`)}\s+){5}${fieldOf('[0-6]')}$`, 'i');

/** Day and weekday must both match. `5/20` runs to the end of its field. */
const AS_NCRONTAB = { mode: '6-part', domAndDow: true, sloppyRanges: true, timezone: 'UTC' } as const;

/** Gives the first occurrence after a time, in UTC. */
export type Schedule = (after: Date) => Date;

/**
 * Parses an NCRONTAB expression of six fields: second, minute, hour, day, month, day of the week, all of which must match.
 * @throws {HostStartError} when it is not one, or has no occurrence.
 */
export function parseNcrontab(expression: string): Schedule {
  const refuse = (): never => {
    throw new HostStartError(`'${expression}' is not an NCRONTAB expression of six fields that ever occurs.`);
  };
  const cron = NCRONTAB.test(expression.trim()) ? read(expression.trim()) : undefined;
  const schedule = (after: Date): Date => cron?.nextRun(after) ?? refuse();
  schedule(new Date(0));
  return schedule;
}

function read(expression: string): Cron | undefined {
  try {
    return new Cron(expression, AS_NCRONTAB);
  } catch {
    return undefined;
  }
}
