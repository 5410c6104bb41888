import { HostStartError } from './settings.ts';

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const HORIZON_YEARS = 8;

const FIELDS = [
  { least: 0, most: 59, names: [] },
  { least: 0, most: 59, names: [] },
  { least: 0, most: 23, names: [] },
  { least: 1, most: 31, names: [] },
  { least: 1, most: 12, names: MONTHS },
  { least: 0, most: 6, names: WEEKDAYS },
] as const;

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
  const parts = expression.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) refuse();
  const fields = FIELDS.map((field, index) => parseField(parts[index] ?? '', field) ?? refuse());
  const schedule = (after: Date): Date => nextOccurrence(fields, after) ?? refuse();
  schedule(new Date(0));
  return schedule;
}

type Field = (typeof FIELDS)[number];

function parseField(text: string, field: Field): ReadonlySet<number> | undefined {
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const range = parseRange(item, field);
    if (range === undefined) return undefined;
    for (let value = range.start; value <= range.end; value += range.stride) values.add(value);
  }
  return values;
}

function parseRange(item: string, field: Field): { start: number; end: number; stride: number } | undefined {
  const [, from = '', to, step] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(item) ?? [];
  const start = from === '*' ? field.least : readValue(from, field);
  // `5` is one value, but `5/10` and `*` run to the end of the field.
  const open = step !== undefined || from === '*' ? field.most : start;
  const end = to === undefined ? open : readValue(to, field);
  const stride = Number(step ?? 1);
  const valid = start >= field.least && end <= field.most && start <= end && stride >= 1;
  return valid ? { start, end, stride } : undefined;
}

function readValue(text: string, { names }: Field): number {
  const index = (names as readonly string[]).indexOf(text.toUpperCase());
  if (index < 0) return /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return names === MONTHS ? index + 1 : index;
}

function nextOccurrence(fields: readonly ReadonlySet<number>[], after: Date): Date | undefined {
  const [seconds, minutes, hours, days, months, weekdays] = fields;
  const at = new Date(Math.floor(after.getTime() / 1000) * 1000 + 1000);
  const end = at.getUTCFullYear() + HORIZON_YEARS;
  while (at.getUTCFullYear() <= end) {
    if (!months?.has(at.getUTCMonth() + 1)) at.setTime(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1));
    else if (!(days?.has(at.getUTCDate()) && weekdays?.has(at.getUTCDay()))) at.setUTCHours(24, 0, 0);
    else if (!hours?.has(at.getUTCHours())) at.setUTCMinutes(60, 0);
    else if (!minutes?.has(at.getUTCMinutes())) at.setUTCSeconds(60);
    else if (!seconds?.has(at.getUTCSeconds())) at.setUTCSeconds(at.getUTCSeconds() + 1);
    else return at;
  }
  return undefined;
}
