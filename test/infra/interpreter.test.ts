import { expect, it } from 'vitest';
import { runQuery } from './drills/run-query.ts';
import type { Row } from './drills/values.ts';

const HOUR = 3_600_000;
const LEFT: readonly Row[] = [
  { id: 'a', n: 3, text: 'x', at: 2.5 * HOUR },
  { id: 'b', n: null, text: '', at: null },
  { id: 'c', n: 1, text: 'y', at: 26 * HOUR },
];
const RIGHT: readonly Row[] = [
  { id: 'a', n: 10 },
  { id: 'a', n: 20 },
];
const tables = new Map([
  ['L', LEFT],
  ['R', RIGHT],
]);
const run = (query: string): readonly Row[] => runQuery(query, tables, 50 * HOUR);

it.each<[what: string, query: string, rows: readonly Row[]]>([
  [
    'an order descends where it does not say, and nulls come last',
    'L | order by n | project id',
    [{ id: 'a' }, { id: 'c' }, { id: 'b' }],
  ],
  ['nulls come first where it ascends', 'L | order by n asc | project id', [{ id: 'b' }, { id: 'c' }, { id: 'a' }]],
  [
    'the second column orders what the first leaves equal',
    'R | order by id asc, n desc',
    [RIGHT[1] ?? {}, RIGHT[0] ?? {}],
  ],
  ['null differs from a number', 'L | where n != 3 | project id', [{ id: 'b' }, { id: 'c' }]],
  ['null does not equal null', "L | where n == at and id == 'b'", []],
  ['nothing is smaller or greater than null', 'L | where n < 99 or n >= 0 | project id', [{ id: 'a' }, { id: 'c' }]],
  [
    'null takes part in no sum',
    'L | where isnull(n - 1) and isnull(1 + n) and isnull(bin(n, 2)) | project id',
    [{ id: 'b' }],
  ],
  [
    'a product is computed before a difference',
    'L | project x = 10 - n * 2 + 1 | where isnotnull(x)',
    [{ x: 5 }, { x: 9 }],
  ],
  [
    'a duration is divided by a duration',
    "L | where id == 'a' | project x = (at - 1h) / 1ms, h = bin(at, 1h)",
    [{ x: 1.5 * HOUR, h: 2 * HOUR }],
  ],
  [
    'days are counted by midnights',
    "L | where id != 'b' | project d = datetime_diff('day', now(), at)",
    [{ d: 2 }, { d: 1 }],
  ],
  [
    'the first case that holds decides, or else the last value',
    "L | project x = case(n == 3, 'three', n == 1, 'one', 'none')",
    [{ x: 'three' }, { x: 'none' }, { x: 'one' }],
  ],
  ['the empty text is no choice', 'L | project x = coalesce(text, id)', [{ x: 'x' }, { x: 'b' }, { x: 'y' }]],
  [
    'a column that is not there is replaced',
    "L | where id == 'a' | project x = column_ifexists('nope', 'no'), y = column_ifexists('text', 'no')",
    [{ x: 'no', y: 'x' }],
  ],
  [
    'an outer join keeps what matches nothing, and names what both have',
    'L | join kind=leftouter R on id | project id, id1, n1',
    [
      { id: 'a', id1: 'a', n1: 10 },
      { id: 'a', id1: 'a', n1: 20 },
      { id: 'b', id1: '', n1: null },
      { id: 'c', id1: '', n1: null },
    ],
  ],
  [
    'an anti join keeps only what matches nothing',
    'L | join kind=leftanti R on id | project id',
    [{ id: 'b' }, { id: 'c' }],
  ],
  [
    'a union fills in the empty text or null',
    "let E = L | where id == 'a' | project id, text, at; union E, R | where n == 10 | project text, at",
    [{ text: '', at: null }],
  ],
  [
    'a union knows the columns of a table without rows',
    "let E = L | where id == 'z' | summarize text = take_any(text) by at; union R, E | summarize rows = count() by text, at",
    [{ text: '', at: null, rows: 2 }],
  ],
  [
    'a percentile is a value that is there, and nulls are none',
    'L | summarize p50 = percentile(n, 50), p51 = percentile(n, 51), p0 = percentile(n, 0)',
    [{ p50: 1, p51: 3, p0: 1 }],
  ],
  [
    'of no values there is no smallest one, no largest one and no percentile',
    "L | where id == 'b' | summarize a = min(n), b = max(n), c = percentile(n, 50), d = minif(n, id == 'a')",
    [{ a: null, b: null, c: null, d: null }],
  ],
  ['without `by` there is one group of no rows', "L | where id == 'z' | summarize n = count()", [{ n: 0 }]],
  ['with it there is none', "L | where id == 'z' | summarize n = count() by id", []],
  ['aggregates may be parts of an expression', 'L | summarize x = countif(n == 3) + countif(isnull(n))', [{ x: 2 }]],
  [
    'a row whose value is null is no extreme one',
    'L | summarize arg_min(n, id), rows = count()',
    [{ n: 1, id: 'c', rows: 3 }],
  ],
  [
    'a value is preferred to the empty text',
    "L | where id != 'a' | order by id asc | summarize x = take_any(text)",
    [{ x: 'y' }],
  ],
])('%s', (_, query, rows) => {
  expect(run(query)).toEqual(rows);
});

it.each([
  ['an operator', 'L | take 1'],
  ['a comparison', "L | where text has 'x'"],
  ['a function', 'L | where isnan(n)'],
  ['an aggregate', 'L | summarize x = stdev(n)'],
  ['an aggregate outside of summarize', 'L | project x = count()'],
  ['a join', 'L | join kind=inner R on id'],
  ['a join by what may be null', 'L | join kind=leftouter R on n'],
  ['a join of the default kind', 'L | join R on id'],
  ['a table', 'Nowhere | count'],
  ['a division of whole numbers', 'L | project x = n / 2'],
  ['a sum of texts', 'L | project x = text + id'],
  ['a unit of time', "L | project x = datetime_diff('hour', now(), at)"],
  ['a place for nulls', 'L | order by n asc nulls last'],
])('%s that no query of ours uses is refused', (_, query) => {
  expect(() => run(query)).toThrow(/^The drills /);
});
