/** Null, string, number, boolean or JSON. Dates and durations are milliseconds. */
export type Value = unknown;
export type Values = readonly Value[];
export type Row = Readonly<Record<string, Value>>;

/** Kusto has no null among strings. */
export const textOf = (value: Value): string =>
  value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

export const numberOf = (value: Value): number | null =>
  value === null || value === undefined || value === '' || Number.isNaN(Number(value)) ? null : Number(value);

/** @throws Error for what is neither a number nor null */
export function numbersIn(values: Values): number[] {
  const given = values.filter((value) => value !== null);
  if (!given.every((value) => typeof value === 'number')) throw new Error('The drills expect numbers or dates.');
  return given;
}

/** Null comes before all else. */
export function compare(a: Value, b: Value): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? -1 : 1;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : 1;
  const [left = 0, right = 0] = numbersIn([a, b]);
  return left - right;
}
