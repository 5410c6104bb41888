import type { OverheadRow } from '../overhead.ts';
import type { Sections } from '../results.ts';
import { perCore } from './load.ts';
import { digits, tableOf, times, whole } from './markdown.ts';
import { ratioOf, shareOf } from './overhead.ts';

export interface Target {
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  readonly met: boolean;
}

export const targetsOf = (sections: Sections): readonly Target[] => [
  ...overheadTargets(sections.overhead ?? []),
  ...coldStartTargets(sections['cold-start'] ?? []),
  ...throughputTargets(sections.throughput ?? []),
  ...backlogTargets(sections.backlog ?? []),
  ...memoryTargets(sections.memory ?? []),
  ...ledgerTargets(sections.ledger ?? []),
];

export const targetsTable = (targets: readonly Target[]): string =>
  tableOf(
    ['target', 'is', 'measured', ''],
    targets.map(({ what, target, measured, met }) => [what, target, measured, met ? 'met' : '**not met**']),
  );

const atMost = (what: string, limit: number, value: number, text: (value: number) => string): Target => ({
  ...{ what, target: `at most ${text(limit)}`, measured: text(value) },
  met: value <= limit,
});

const percent = (value: number): string => `${digits(value)} %`;

const overheadTargets = (rows: readonly OverheadRow[]): Target[] => [
  ...rows
    .filter(({ latencyMs, roundTripMs }) => latencyMs === 0 && roundTripMs === 0)
    .map((row) =>
      atMost(`p50 added over ${row.transport}, upstreams instant, beside straightforward`, 2, ratioOf(row), times),
    ),
  ...rows
    .filter(({ latencyMs }) => latencyMs === 2_000)
    .map((row) => {
      const away = row.roundTripMs === 0 ? '' : ` and ${row.roundTripMs} ms away`;
      const what = `p50 added over ${row.transport}, share of a vend with upstreams of 2,000 ms${away}`;
      return atMost(what, 1, shareOf(row), percent);
    }),
];

function coldStartTargets(results: NonNullable<Sections['cold-start']>): Target[] {
  const medianOf = (name: string) => results.find(({ contender }) => contender === name)?.registeredMs.median;
  const [ours, empty, unbundled] = ['ours', 'empty', 'straightforward, unbundled'].map(medianOf);
  if (ours === undefined || empty === undefined || unbundled === undefined) return [];
  return [
    atMost('cold start to registered, beside the empty app', 2, ours / empty, times),
    atMost('cold start to registered, beside straightforward unbundled', 0.5, ours / unbundled, times),
  ];
}

function throughputTargets(rows: NonNullable<Sections['throughput']>): Target[] {
  const of = (name: string) => rows.find(({ contender, concurrency }) => contender === name && concurrency === 64);
  const [ours, other] = [of('ours'), of('straightforward')].map((row) => row && perCore(row));
  if (ours === undefined || other === undefined) return [];
  const ratio = ours / other;
  const what = 'vends/s per core at 64 in flight, beside straightforward';
  return [{ what, target: `at least ${times(1)}`, measured: times(ratio), met: ratio >= 1 }];
}

const backlogTargets = (rows: NonNullable<Sections['backlog']>): Target[] =>
  rows
    .filter(({ contender }) => contender === 'ours')
    .map(({ discrepancies }) => ({
      what: 'backlog: each message answered once, one key each',
      target: 'all',
      measured: discrepancies.length === 0 ? 'all' : discrepancies.join('; '),
      met: discrepancies.length === 0,
    }));

const memoryTargets = (rows: NonNullable<Sections['memory']>): Target[] =>
  rows
    .filter(({ contender, execArgv }) => contender === 'ours' && execArgv.length === 0)
    .flatMap(({ concurrency, maxMb, growthPercent }) => [
      atMost(`most RSS at ${concurrency} in flight`, 150, maxMb, (mb) => `${digits(mb)} MB`),
      atMost('growth of RSS after warm-up', 5, growthPercent, percent),
    ]);

/** Calls to the ledger that each request may wait for. */
const LEDGER_CALLS: ReadonlyMap<string, number> = new Map([
  ['vend', 3],
  ['vend, chosen name', 4],
  ['rotation', 4],
  ['replay', 2],
  ['revocation', 3],
]);

const ledgerTargets = (rows: NonNullable<Sections['ledger']>): Target[] =>
  rows.flatMap(({ request, calls }) => {
    const limit = LEDGER_CALLS.get(request);
    return limit === undefined ? [] : [atMost(`calls to the ledger for a ${request}`, limit, calls, whole)];
  });
