import { arithmetic, FUNCTIONS, type Scalar, type Surroundings } from './functions.ts';
import type { Syntax } from './syntax.ts';
import { numberOf, type Row, textOf, type Value, type Values } from './values.ts';

export interface Scope extends Surroundings {
  /** Values of `let`. */
  readonly lets: ReadonlyMap<string, Value>;
  /** Computes a call over a group of rows. */
  readonly aggregate?: (call: Syntax) => Value;
}

const member = (of: Value, name: string): Value =>
  typeof of === 'object' && of !== null && Object.hasOwn(of, name) ? (of as Row)[name] : null;

/** A comparison with null does not hold. */
const ordered =
  (holds: (a: number, b: number) => boolean): Scalar =>
  ([a, b]) => {
    const [left, right] = [numberOf(a), numberOf(b)];
    return left !== null && right !== null && holds(left, right);
  };

/** Nobody knows whether two nulls are equal. */
const equality =
  (holds: (a: Value, b: Value) => boolean): Scalar =>
  ([a, b]) =>
    a === null && b === null ? null : holds(a, b);

const OPERATORS: Readonly<Record<string, Scalar>> = {
  '==': equality((a, b) => a === b),
  '!=': equality((a, b) => a !== b),
  '>': ordered((a, b) => a > b),
  '>=': ordered((a, b) => a >= b),
  '<': ordered((a, b) => a < b),
  '+': arithmetic((a, b) => a + b),
  '-': arithmetic((a, b) => a - b),
  '*': arithmetic((a, b) => a * b),
  '/': arithmetic((a, b) => a / b),
  and: ([a, b]) => a === true && b === true,
  or: ([a, b]) => a === true || b === true,
  in: ([value, ...list]) => list.includes(value),
  '!in': ([value, ...list]) => !list.includes(value),
  startswith: ([text, start]) => textOf(text).toLowerCase().startsWith(textOf(start).toLowerCase()),
};

const UNITS: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @throws Error for what no query of ours uses */
export function evaluate(syntax: Syntax, scope: Scope): Value {
  const { kind, text, parts } = syntax;
  const valuesOf = (): Values => parts.map((part) => evaluate(part, scope));
  switch (kind) {
    case 'name':
      return scope.lets.has(text) ? scope.lets.get(text) : (scope.row[text] ?? null);
    case 'text':
      return text;
    case 'number':
      return Number.parseInt(text, 10) * (UNITS[text.replace(/^\d+/, '')] ?? Number.NaN);
    case 'boolean':
      return text === 'true';
    case 'member': {
      const [of, name] = valuesOf();
      return member(of, textOf(name));
    }
    default: {
      const scalar = kind === 'call' ? FUNCTIONS[text] : OPERATORS[text];
      if (scalar !== undefined) return scalar(valuesOf(), scope);
      if (kind === 'call' && scope.aggregate !== undefined) return scope.aggregate(syntax);
      throw new Error(`The drills know no ${kind} ${text}.`);
    }
  }
}
