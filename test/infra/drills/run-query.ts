import { evaluate, type Row, type Scope, type Value } from './expressions.ts';
import { Reader, type Syntax } from './syntax.ts';

interface World {
  readonly tables: ReadonlyMap<string, readonly Row[]>;
  readonly lets: ReadonlyMap<string, Value>;
  readonly now: number;
}

/**
 * Runs the query of an alert. It knows the operators that our alerts use, and refuses all others.
 *
 * @param tables only the rows of the time that the alert looks back over
 * @param now milliseconds since the epoch
 */
export function runQuery(query: string, tables: ReadonlyMap<string, readonly Row[]>, now: number): readonly Row[] {
  let world: World = { tables, lets: new Map(), now };
  for (const { kind, text, parts } of new Reader(query).statements()) {
    const [body] = parts;
    if (kind === 'query' || body === undefined) return rowsOf(parts, world);
    const rows = rowsOf(body.parts, world);
    world =
      kind === 'let'
        ? { ...world, tables: new Map(world.tables).set(text, rows) }
        : { ...world, lets: new Map(world.lets).set(text, Object.values(rows[0] ?? {})[0]) };
  }
  throw new Error('The query asks for nothing.');
}

function rowsOf([union, ...operators]: readonly Syntax[], world: World): readonly Row[] {
  const rows = (union?.parts ?? []).flatMap(({ text }) => {
    const table = world.tables.get(text);
    if (table === undefined) throw new Error(`The drills know no table ${text}.`);
    return table;
  });
  return operators.reduce<readonly Row[]>((now, operator) => apply(operator, now, world), rows);
}

function apply({ kind, parts }: Syntax, rows: readonly Row[], world: World): readonly Row[] {
  const scopeOf = (row: Row): Scope => ({ ...world, row });
  switch (kind) {
    case 'where':
      return rows.filter((row) => parts.every((part) => evaluate(part, scopeOf(row)) === true));
    case 'extend':
      return rows.map((row) => ({ ...row, ...columns(parts, scopeOf(row)) }));
    case 'project':
      return rows.map((row) => columns(parts, scopeOf(row)));
    case 'mv-expand':
      return rows.flatMap((row) => expanded(row, columns(parts, scopeOf(row))));
    case 'count':
      return [{ Count: rows.length }];
    case 'summarize':
      return summarized(parts, rows, scopeOf);
    default:
      throw new Error(`The drills know no operator ${kind}.`);
  }
}

const columns = (parts: readonly Syntax[], scope: Scope): Row =>
  Object.fromEntries(
    parts.flatMap(({ text, parts: [value] }) => (value === undefined ? [] : [[text, evaluate(value, scope)]])),
  );

const expanded = (row: Row, lists: Row): readonly Row[] =>
  Object.entries(lists).flatMap(([name, values]) =>
    (Array.isArray(values) ? values : []).map((value: Value) => ({ ...row, [name]: value })),
  );

/** Without `by` there is one group, even of no rows. */
function summarized(parts: readonly Syntax[], rows: readonly Row[], scopeOf: (row: Row) => Scope): readonly Row[] {
  const by = parts.find(({ kind }) => kind === 'by');
  const groups = Map.groupBy(rows, (row) => JSON.stringify(columns(by?.parts ?? [], scopeOf(row))));
  if (by === undefined && rows.length === 0) groups.set('{}', []);
  return [...groups].map(([key, group]) =>
    Object.assign(
      JSON.parse(key),
      ...parts.filter((part) => part !== by).map((part) => aggregated(part, group.map(scopeOf))),
    ),
  );
}

type Values = readonly Value[];
const numbers = (values: Values): number[] => values.filter((value) => value !== null).map(Number);

const AGGREGATES: Readonly<Record<string, (values: Values) => Value>> = {
  count: (values) => values.length,
  countif: (values) => values.filter((value) => value === true).length,
  dcount: (values) => new Set(values).size,
  min: (values) => Math.min(...numbers(values)),
  max: (values) => (typeof values[0] === 'boolean' ? values.includes(true) : Math.max(...numbers(values))),
  take_any: ([first]) => first,
};

function aggregated({ text: name, parts: [call] }: Syntax, group: readonly Scope[]): Row {
  const { text = '', parts: [by, ...others] = [] } = call ?? {};
  const value = (scope: Scope): Value => (by === undefined ? null : evaluate(by, scope));
  if (text === 'arg_max' || text === 'arg_min') {
    const sign = text === 'arg_max' ? 1 : -1;
    const [first] = group.toSorted((a, b) => sign * (Number(value(b)) - Number(value(a))));
    if (first === undefined || by === undefined) return {};
    return Object.fromEntries([by, ...others].map((each) => [each.text, evaluate(each, first)]));
  }
  const aggregate = AGGREGATES[text];
  if (aggregate === undefined) throw new Error(`The drills know no aggregate ${text}.`);
  return { [name]: aggregate(group.map(value)) };
}
