import type { Syntax } from './syntax.ts';

/** Null, string, number, boolean or JSON. Dates and durations are milliseconds. */
export type Value = unknown;
export type Row = Readonly<Record<string, Value>>;

export interface Scope {
  readonly row: Row;
  /** Values of `let`. */
  readonly lets: ReadonlyMap<string, Value>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const textOf = (value: Value): string =>
  value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
const member = (of: Value, name: string): Value =>
  typeof of === 'object' && of !== null && Object.hasOwn(of, name) ? (of as Row)[name] : null;
const numberOf = (value: Value): number | null =>
  value === null || value === undefined || value === '' || Number.isNaN(Number(value)) ? null : Number(value);

function parseJson(text: Value): Value {
  try {
    return JSON.parse(textOf(text));
  } catch {
    return text;
  }
}

type Scalar = (values: readonly Value[], scope: Scope) => Value;

const FUNCTIONS: Readonly<Record<string, Scalar>> = {
  parse_json: ([text]) => parseJson(text),
  tostring: ([value]) => textOf(value),
  toint: ([value]) => numberOf(value),
  todatetime: ([value]) => numberOf(Date.parse(textOf(value))),
  isempty: ([value]) => textOf(value) === '',
  isnotempty: ([value]) => textOf(value) !== '',
  iff: ([holds, then, otherwise]) => (holds === true ? then : otherwise),
  ago: ([duration], { now }) => now - Number(duration),
  bag_keys: ([bag]) => Object.keys(typeof bag === 'object' && bag !== null ? bag : {}),
};

/** A comparison with null is false. */
const ordered =
  (holds: (a: number, b: number) => boolean): Scalar =>
  ([a, b]) => {
    const [left, right] = [numberOf(a), numberOf(b)];
    return left !== null && right !== null && holds(left, right);
  };

const OPERATORS: Readonly<Record<string, Scalar>> = {
  '==': ([a, b]) => a === b,
  '!=': ([a, b]) => a !== b,
  '>': ordered((a, b) => a > b),
  '>=': ordered((a, b) => a >= b),
  '*': ([a, b]) => Number(a) * Number(b),
  and: ([a, b]) => a === true && b === true,
  or: ([a, b]) => a === true || b === true,
  in: ([value, ...list]) => list.includes(value),
  '!in': ([value, ...list]) => !list.includes(value),
  startswith: ([text, start]) => textOf(text).toLowerCase().startsWith(textOf(start).toLowerCase()),
};

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @throws Error for what no alert uses. */
export function evaluate({ kind, text, parts }: Syntax, scope: Scope): Value {
  const valuesOf = (): readonly Value[] => parts.map((part) => evaluate(part, scope));
  switch (kind) {
    case 'name':
      return scope.lets.has(text) ? scope.lets.get(text) : (scope.row[text] ?? null);
    case 'text':
      return text;
    case 'number':
      return Number.parseInt(text, 10) * (UNITS[text.slice(-1)] ?? 1);
    case 'boolean':
      return text === 'true';
    case 'member': {
      const [of, name] = valuesOf();
      return member(of, textOf(name));
    }
    default: {
      const scalar = kind === 'call' ? FUNCTIONS[text] : OPERATORS[text];
      if (scalar === undefined) throw new Error(`The drills know no ${kind} ${text}.`);
      return scalar(valuesOf(), scope);
    }
  }
}
