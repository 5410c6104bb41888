import { numberOf, type Row, textOf, type Value, type Values } from './values.ts';

/** A function may know more than its arguments. */
export interface Surroundings {
  readonly row: Row;
  /** Milliseconds since the epoch. */
  readonly now: number;
}
export type Scalar = (values: Values, around: Surroundings) => Value;

const DAY_MS = 86_400_000;

function parseJson(text: Value): Value {
  if (textOf(text) === '') return null;
  try {
    return JSON.parse(textOf(text));
  } catch {
    return text;
  }
}

/** Null where one of the numbers is null. */
export const arithmetic =
  (of: (a: number, b: number) => number): Scalar =>
  (values) => {
    const [a, b] = values.map((value) => {
      if (typeof value === 'string') throw new Error('The drills calculate with numbers and dates alone.');
      return numberOf(value);
    });
    return typeof a === 'number' && typeof b === 'number' ? of(a, b) : null;
  };

/** How many midnights lie between two dates. */
const daysBetween = arithmetic((a, b) => Math.floor(a / DAY_MS) - Math.floor(b / DAY_MS));

/** The value after the first condition that holds, or else the last one. */
function firstCase([condition, value, ...others]: Values): Value {
  if (value === undefined) return condition;
  return condition === true ? value : firstCase(others);
}

export const FUNCTIONS: Readonly<Record<string, Scalar>> = {
  // conversions
  parse_json: ([text]) => parseJson(text),
  tostring: ([value]) => textOf(value),
  toint: ([value]) => numberOf(value),
  todouble: ([value]) => numberOf(value),
  todatetime: ([value]) => numberOf(Date.parse(textOf(value))),
  unixtime_seconds_todatetime: ([seconds], around) => arithmetic((a, b) => a * b)([seconds, 1_000], around),
  bag_keys: ([bag]) => Object.keys(typeof bag === 'object' && bag !== null ? bag : {}),

  // texts
  tolower: ([text]) => textOf(text).toLowerCase(),
  strcat: (values) => values.map(textOf).join(''),
  extract: ([pattern, group, text]) => new RegExp(textOf(pattern)).exec(textOf(text))?.[Number(group)] ?? '',

  // choices
  isempty: ([value]) => textOf(value) === '',
  isnotempty: ([value]) => textOf(value) !== '',
  isnull: ([value]) => value === null,
  isnotnull: ([value]) => value !== null,
  iff: ([holds, then, otherwise]) => (holds === true ? then : otherwise),
  case: firstCase,
  coalesce: (values) => values.find((value) => textOf(value) !== '') ?? values.at(-1) ?? null,
  column_ifexists: ([name, otherwise], { row }) => (textOf(name) in row ? row[textOf(name)] : otherwise),

  // dates
  now: (_, { now }) => now,
  ago: ([duration], { now }) => now - Number(duration),
  bin: arithmetic((a, size) => Math.floor(a / size) * size),
  datetime_diff: ([unit, ...dates], around) => {
    if (unit !== 'day') throw new Error(`The drills count no ${textOf(unit)}.`);
    return daysBetween(dates, around);
  },
};
