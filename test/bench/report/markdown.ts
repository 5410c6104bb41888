import type { Summary } from '../summary.ts';

/** @param rows of as many cells as there are titles. */
export const tableOf = (titles: readonly string[], rows: readonly (readonly string[])[]): string =>
  [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** A number for people: three digits that count, whole from a hundred on, thousands apart. */
export function digits(value: number): string {
  const size = Math.abs(value);
  const places = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: places, maximumFractionDigits: places });
}

export const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

/** `12.3 (11.9–12.8)` */
export const spread = ({ median, p25, p75 }: Summary): string => `${digits(median)} (${digits(p25)}–${digits(p75)})`;

export const times = (ratio: number): string => `${digits(ratio)}×`;

/** For what could not be measured, or is none. */
export const UNSEEN = '–';
