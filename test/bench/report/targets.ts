import { AFTER_HANDSHAKE } from '../../azure/calls/recorder.ts';
import type { OverheadRow } from '../overhead.ts';
import type { Sections } from '../results.ts';
import { digits, tableOf, times, whole } from './markdown.ts';
import { besideOwnCalls, shareOf } from './overhead.ts';
import { memoryRatios, quotientOf } from './ratios.ts';

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
  ...callsTargets(sections.calls ?? []),
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
    .filter(({ latencyMs, roundTripMs, transport }) => latencyMs === 0 && roundTripMs > 0 && transport === 'http')
    .map((row) =>
      atMost(`vend over http, ${row.roundTripMs} ms away, beside its own calls`, 1.3, besideOwnCalls(row), times),
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

/** On the machine whose figures the README has. There the straightforward one takes 1.2 ms. */
const CPU_MS = 2.2;
const CPU_RATIO = CPU_MS / 1.2;

function throughputTargets(rows: NonNullable<Sections['throughput']>): Target[] {
  const of = (name: string) => rows.find(({ contender, concurrency }) => contender === name && concurrency === 64);
  const [ours, other] = [of('ours'), of('straightforward')].map((row) => row?.cpuMsPerVend?.median);
  if (ours === undefined || other === undefined) return [];
  const what = 'CPU per vend at 64 in flight';
  return [
    atMost(what, CPU_MS, ours, (ms) => `${digits(ms)} ms`),
    atMost(`${what}, beside straightforward`, CPU_RATIO, ours / other, times),
  ];
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

const memoryTargets = (rows: NonNullable<Sections['memory']>): Target[] => [
  ...memoryRatios(rows).map((ratio) => atMost(`${ratio.what}, beside straightforward`, 1, quotientOf(ratio), times)),
  ...rows
    .filter(({ contender, execArgv }) => contender === 'ours' && execArgv.length === 0)
    .map(({ growthPercent }) => atMost('growth of RSS after warm-up', 5, growthPercent, percent)),
];

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

const callsTargets = (rows: NonNullable<Sections['calls']>): Target[] =>
  rows.map(({ request, calls }) => {
    const handshakes = calls.filter((call) => call.includes(AFTER_HANDSHAKE)).length;
    return atMost(`handshakes that a ${request} waits for`, 0, handshakes, whole);
  });
