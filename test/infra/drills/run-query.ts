import { aggregated } from './aggregates.ts';
import { evaluate, type Scope } from './expressions.ts';
import { Reader, type Syntax } from './syntax.ts';
import { compare, type Row, type Value } from './values.ts';

interface Table {
  readonly rows: readonly Row[];
  /** Stands for a row that is not there: each column has the empty text, or null. */
  readonly blank: Row;
}

interface World {
  readonly tables: ReadonlyMap<string, Table>;
  readonly lets: ReadonlyMap<string, Value>;
  readonly now: number;
}

/**
 * Runs one of our queries. It knows the operators that they use, and refuses all others.
 *
 * @param tables of an alert: only the rows of the time that it looks back over
 * @param now milliseconds since the epoch
 */
export function runQuery(query: string, tables: ReadonlyMap<string, readonly Row[]>, now: number): readonly Row[] {
  const given = [...tables].map(([name, rows]): [string, Table] => [
    name,
    { rows, blank: emptied(Object.assign({}, ...rows)) },
  ]);
  let world: World = { tables: new Map(given), lets: new Map(), now };
  for (const { kind, text, parts } of new Reader(query).statements()) {
    const [body] = parts;
    if (kind === 'query' || body === undefined) return tableOf(parts, world).rows;
    const table = tableOf(body.parts, world);
    world =
      kind === 'let'
        ? { ...world, tables: new Map(world.tables).set(text, table) }
        : { ...world, lets: new Map(world.lets).set(text, Object.values(table.rows[0] ?? {})[0]) };
  }
  throw new Error('The query asks for nothing.');
}

function tableOf([union, ...operators]: readonly Syntax[], world: World): Table {
  const tables = (union?.parts ?? []).map(({ text }) => named(text, world));
  const blank: Row = Object.assign({}, ...tables.map((table) => table.blank));
  const rows = tables.flatMap((table) => table.rows.map((row) => ({ ...blank, ...row })));
  return operators.reduce<Table>((table, operator) => apply(operator, table, world), { rows, blank });
}

function named(name: string, { tables }: World): Table {
  const table = tables.get(name);
  if (table === undefined) throw new Error(`The drills know no table ${name}.`);
  return table;
}

function apply(operator: Syntax, { rows, blank }: Table, world: World): Table {
  const { kind, parts } = operator;
  const scopeOf = (row: Row): Scope => ({ ...world, row });
  const changed = (change: (row: Row) => Row): Table => ({ rows: rows.map(change), blank: emptied(change(blank)) });
  switch (kind) {
    case 'where':
      return { rows: rows.filter((row) => parts.every((part) => evaluate(part, scopeOf(row)) === true)), blank };
    case 'extend':
      return changed((row) => ({ ...row, ...columns(parts, scopeOf(row)) }));
    case 'project':
      return changed((row) => columns(parts, scopeOf(row)));
    case 'mv-expand':
      return { rows: rows.flatMap((row) => expanded(row, columns(parts, scopeOf(row)))), blank };
    case 'count':
      return { rows: [{ Count: rows.length }], blank: {} };
    case 'summarize': {
      const [none = {}] = summarized(parts, [blank], scopeOf);
      return { rows: summarized(parts, rows, scopeOf), blank: emptied(none) };
    }
    case 'order':
      return { rows: rows.toSorted((a, b) => inOrder(parts, scopeOf(a), scopeOf(b))), blank };
    case 'join':
      return joined(operator, { rows, blank }, world);
    default:
      throw new Error(`The drills know no operator ${kind}.`);
  }
}

const emptied = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'string' ? '' : null]));

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
      ...parts.filter((part) => part !== by).map((part) => aggregated(part, group.map(scopeOf), scopeOf({}))),
    ),
  );
}

/** Nulls are the smallest: first where it ascends, last where it descends. */
function inOrder([first, ...others]: readonly Syntax[], a: Scope, b: Scope): number {
  const [by] = first?.parts ?? [];
  if (first === undefined || by === undefined) return 0;
  const sign = first.text === 'asc' ? 1 : -1;
  return sign * compare(evaluate(by, a), evaluate(by, b)) || inOrder(others, a, b);
}

function joined({ text: how, parts: [of, ...keys] }: Syntax, left: Table, world: World): Table {
  const right = named(of?.text ?? '', world);
  const keyOf = (row: Row): string => JSON.stringify(keys.map(({ text }) => keyIn(row, text)));
  const matches = Map.groupBy(right.rows, keyOf);
  if (how === 'leftanti') return { ...left, rows: left.rows.filter((row) => !matches.has(keyOf(row))) };
  return {
    rows: left.rows.flatMap((row) => (matches.get(keyOf(row)) ?? [right.blank]).map((match) => beside(row, match))),
    blank: beside(left.blank, right.blank),
  };
}

/** Nulls might match or not, so they are refused. */
function keyIn(row: Row, name: string): string {
  const key = row[name];
  if (typeof key !== 'string') throw new Error(`The drills join by texts alone, and ${name} is none.`);
  return key;
}

/** A name that both have gets a 1 on the right, the keys' too. */
const beside = (left: Row, right: Row): Row => ({
  ...left,
  ...Object.fromEntries(Object.entries(right).map(([name, value]) => [name in left ? `${name}1` : name, value])),
});
