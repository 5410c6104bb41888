import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { infraFile } from './bicep/syntax.ts';
import { runQuery } from './drills/run-query.ts';
import type { Row } from './drills/values.ts';
import { columnsOf } from './kusto.ts';
import { audited, DAY, logged, MINUTE, NOW, withLaterSequences, withRepeats } from './logged.ts';
import { type Cases, fail, vend } from './query-cases/case.ts';
import { OPEN, VENDED } from './query-cases/credentials.ts';
import { DENIED } from './query-cases/denied.ts';
import { FAILURES } from './query-cases/failures.ts';
import { KEYS, LIMITS } from './query-cases/keys.ts';
import { OUTCOMES } from './query-cases/outcomes.ts';
import { DURATIONS, EXPIRING, near } from './query-cases/times.ts';

const CASES: Readonly<Record<string, Cases>> = {
  denied: DENIED,
  durations: DURATIONS,
  expiring: EXPIRING,
  failures: FAILURES,
  keys: KEYS,
  limits: LIMITS,
  open: OPEN,
  outcomes: OUTCOMES,
  vended: VENDED,
};

/** How many days a query looks back, and something that it finds. */
const LOOKS_BACK: Readonly<Record<string, readonly [days: number, found: (ago: number) => readonly Row[]]>> = {
  denied: [7, (ago) => [logged(ago, { event: 'request-denied', reason: 'No rule.' })]],
  durations: [1, (ago) => audited('a', vend(ago))],
  expiring: [60, (ago) => [near(ago / DAY, 9)]],
  failures: [1, (ago) => audited('a', fail(ago))],
  keys: [90, (ago) => audited('a', vend(ago))],
  limits: [90, (ago) => audited('a', vend(ago))],
  open: [30, (ago) => audited('a', [['claimVend', ago]])],
  outcomes: [7, (ago) => audited('a', vend(ago))],
  vended: [7, (ago) => audited('a', vend(ago))],
};

/** Lines of the host, and of a program that logs no JSON. */
const NOISE = ["Executed 'Functions.vendKey' (Succeeded, Id=i, Duration=1ms)", '', '[1]', '"audit"'].map(
  (Message): Row => ({ ...logged(MINUTE, { event: '' }), Message }),
);
const isOfVault = (row: Row): boolean => 'ResourceProvider' in row;

function found(query: string, rows: readonly Row[]): readonly Row[] {
  const traces = rows.filter((row) => !isOfVault(row));
  const tables = new Map([
    ['AppTraces', [...NOISE, ...traces]],
    ['AzureDiagnostics', rows.filter(isOfVault)],
  ]);
  return runQuery(infraFile(`queries/${query}.kql`), tables, NOW);
}

it('every query has its cases, and every query says how far it looks back', () => {
  const queries = readdirSync(`${import.meta.dirname}/../../infra/queries`).map((name) => name.replace('.kql', ''));
  expect(Object.keys(CASES)).toEqual(queries.toSorted());
  expect(Object.keys(LOOKS_BACK)).toEqual(queries.toSorted());
});

describe.each(Object.entries(CASES))('%s', (query, cases) => {
  const [days = 0, at = () => []] = LOOKS_BACK[query] ?? [];

  it.each(cases)('finds the rows of %s', (_, given, rows) => {
    expect(found(query, given)).toMatchObject(rows);
    expect(found(query, given)).toHaveLength(rows.length);
  });

  it.each(cases)('finds the same where records come in another order: %s', (_, given, rows) => {
    expect(found(query, given.toReversed())).toMatchObject(rows);
  });

  it.each(cases)('finds the same where audit records come twice: %s', (_, given, rows) => {
    expect(found(query, withRepeats(given, days * DAY))).toMatchObject(rows);
  });

  it.each(cases)('finds the same where credentials had changes before: %s', (_, given, rows) => {
    expect(found(query, withLaterSequences(given))).toMatchObject(rows);
  });

  it('has the columns that the compiler sees, and the first case gives all of them', () => {
    const [[, given, rows]] = cases;
    const columns = new Set(columnsOf(infraFile(`queries/${query}.kql`)));
    expect(new Set(Object.keys(found(query, given)[0] ?? {}))).toEqual(columns);
    for (const row of rows) expect(new Set(Object.keys(row))).toEqual(columns);
  });

  it('looks back as far as it says', () => {
    expect(found(query, at(days * DAY - MINUTE))).not.toEqual([]);
    expect(found(query, at(days * DAY + MINUTE))).toEqual([]);
  });
});
