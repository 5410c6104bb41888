import { evaluate, type Scope } from './expressions.ts';
import type { Syntax } from './syntax.ts';
import { compare, numbersIn, type Row, textOf, type Value, type Values } from './values.ts';

/** Takes one list for each argument. */
type Aggregate = (columns: readonly Values[], rows: number) => Value;

const truthsIn = (values: Values): number => values.filter((value) => value === true).length;
const smallest = (values: Values): Value => numbersIn(values).toSorted(compare)[0] ?? null;
const largest = (values: Values): Value =>
  typeof values[0] === 'boolean' ? values.includes(true) : (numbersIn(values).toSorted(compare).at(-1) ?? null);

/** The smallest value that so many percent of the values do not exceed. Nulls are no values. */
function nearestRank(values: Values, percent: number): Value {
  const sorted = numbersIn(values).toSorted(compare);
  return sorted[Math.max(1, Math.ceil((percent / 100) * sorted.length)) - 1] ?? null;
}

const AGGREGATES: Readonly<Record<string, Aggregate>> = {
  count: (_, rows) => rows,
  countif: ([conditions = []]) => truthsIn(conditions),
  dcount: ([values = []]) => new Set(values).size,
  min: ([values = []]) => smallest(values),
  minif: ([values = [], conditions = []]) => smallest(values.filter((_, at) => conditions[at] === true)),
  max: ([values = []]) => largest(values),
  percentile: ([values = [], percents = []]) => nearestRank(values, Number(percents[0])),
  // It looks for one that is neither null nor empty.
  take_any: ([values = []]) => values.find((value) => textOf(value) !== '') ?? values[0] ?? null,
};

/**
 * One column of `summarize`: an aggregate, or an expression of aggregates. `arg_max` and `arg_min` are several columns.
 *
 * @param outside what the query knows outside of the rows of the group
 */
export function aggregated({ text: name, parts: [value] }: Syntax, group: readonly Scope[], outside: Scope): Row {
  if (value === undefined) return {};
  if (value.kind === 'call' && /^arg_(max|min)$/.test(value.text)) return extreme(value, group);
  const aggregate = ({ text, parts }: Syntax): Value => {
    const known = AGGREGATES[text];
    if (known === undefined) throw new Error(`The drills know no aggregate ${text}.`);
    return known(
      parts.map((part) => group.map((scope) => evaluate(part, scope))),
      group.length,
    );
  };
  return { [name]: evaluate(value, { ...outside, aggregate }) };
}

/** The columns of one row. A row where the value is null counts only if there is no other. */
function extreme({ text, parts: [by, ...others] }: Syntax, group: readonly Scope[]): Row {
  if (by === undefined) return {};
  const sign = text === 'arg_max' ? -1 : 1;
  const valued = group.map((scope) => ({ scope, value: evaluate(by, scope) }));
  const known = valued.filter(({ value }) => value !== null);
  const [first] = (known.length === 0 ? valued : known).toSorted((a, b) => sign * compare(a.value, b.value));
  if (first === undefined) return {};
  // Kusto invents a name for an expression, which no query of ours uses.
  const named = by.kind === 'name' ? [by, ...others] : others;
  return Object.fromEntries(named.map((each) => [each.text, evaluate(each, first.scope)]));
}
