import { expect, it } from 'vitest';
import type { ColdStartResult } from '../cold-start/table.ts';
import type { OverheadRow } from '../overhead.ts';
import type { Results, Sections } from '../results.ts';
import type { Summary } from '../summary.ts';
import type { ThroughputRow } from '../throughput.ts';
import { reportOf } from './report.ts';
import { targetsOf } from './targets.ts';

const around = (median: number, p99 = median): Summary => ({
  ...{ n: 100, min: median * 0.8, p25: median * 0.9 },
  ...{ median, p75: median * 1.1, p99 },
});

const vendOf = (
  latencyMs: number,
  transport: OverheadRow['transport'],
  ours: number,
  roundTripMs = 0,
): OverheadRow => ({
  ...{ latencyMs, roundTripMs, transport },
  floor: around(2 * latencyMs + 2, 2 * latencyMs + 4),
  ownCalls: around(2 * latencyMs + 5),
  straightforward: around(2 * latencyMs + 6, 2 * latencyMs + 16),
  withTransactions: around(2 * latencyMs + 7),
  ours: around(2 * latencyMs + ours, 2 * latencyMs + 3 * ours),
});

const startOf = (contender: string, ms: number): ColdStartResult => ({
  ...{ contender, registeredMs: around(ms), cpuMs: around(ms), rssMiB: around(60) },
  firstVendMs: contender === 'empty' ? undefined : around(3 * ms),
  firstVendCpuMs: contender === 'empty' ? undefined : around(2 * ms),
});

const loadOf = (contender: ThroughputRow['contender'], cpuMs: number): ThroughputRow => ({
  ...{ contender, concurrency: 64, refused: 0, vendsPerSecond: around(900 / cpuMs), cpuMsPerVend: around(cpuMs) },
  busy: { function: 0.9, azure: 0.4, bench: 0.1 },
});

const memoryOf = (maxMb: number, growthPercent: number): NonNullable<Sections['memory']> => {
  const load = { contender: 'ours' as const, vends: 50_000, concurrency: 64, refused: 0, cpuMsPerVend: 2.5 };
  return [
    { ...load, execArgv: [], maxMb, growthPercent, firstFifthMb: 120, lastFifthMb: 121 },
    {
      ...load,
      contender: 'straightforward',
      execArgv: [],
      maxMb: 150,
      growthPercent: 20,
      firstFifthMb: 1,
      lastFifthMb: 1,
    },
    // Nobody is deployed like this: it is no target's.
    { ...load, execArgv: ['--jitless'], maxMb: 999, growthPercent: 99, firstFifthMb: 500, lastFifthMb: 999 },
  ];
};

const backlogOf = (...discrepancies: readonly string[]): NonNullable<Sections['backlog']> => [
  { contender: 'ours', messages: 10_000, seconds: 50, cpuMsPerMessage: 4.5, discrepancies },
];

const GOOD: Sections = {
  overhead: [vendOf(0, 'http', 10), vendOf(0, 'queue', 9), vendOf(2_000, 'http', 42), vendOf(2_000, 'queue', 12)],
  'cold-start': [
    ...[startOf('ours', 200), startOf('straightforward', 300)],
    ...[startOf('empty', 100), startOf('straightforward, unbundled', 400)],
  ],
  throughput: [loadOf('straightforward', 1.2), loadOf('ours', 2.2)],
  backlog: backlogOf(),
  memory: memoryOf(150, 5),
};

const verdicts = (sections: Sections) => targetsOf(sections).map(({ measured, met }) => [measured, met]);

it('meets every target at its limit', () => {
  expect(verdicts(GOOD)).toEqual([
    ['0.99 %', true],
    ['0.25 %', true],
    ['2.00×', true],
    ['0.50×', true],
    ['2.20 ms', true],
    ['1.83×', true],
    ['all', true],
    ['1.00×', true],
    ['5.00 %', true],
  ]);
});

it('misses every target beyond it', () => {
  const overhead = [vendOf(0, 'http', 10.2), vendOf(0, 'queue', 30), vendOf(2_000, 'http', 50)];
  const coldStart = [startOf('ours', 202), startOf('empty', 100), startOf('straightforward, unbundled', 400)];
  const throughput = [loadOf('straightforward', 1.2), loadOf('ours', 2.4)];
  const late = {
    overhead,
    'cold-start': coldStart,
    throughput,
    backlog: backlogOf('2 lost'),
    memory: memoryOf(151.5, 6),
  };
  expect(verdicts(late)).toEqual([
    ['1.19 %', false],
    ['2.02×', false],
    ['0.51×', false],
    ['2.40 ms', false],
    ['2.00×', false],
    ['2 lost', false],
    ['1.01×', false],
    ['6.00 %', false],
  ]);
});

it('misses the target of handshakes where a vend waits for one', () => {
  const calls = ['table POST /$batch', 'arm POST …, after a handshake'];
  expect(verdicts({ calls: [{ request: 'vend', calls }] })).toEqual([['1', false]]);
  expect(verdicts({ calls: [{ request: 'vend', calls: calls.slice(0, 1) }] })).toEqual([['0', true]]);
});

it('does not take for met what cannot be compared', () => {
  const row = vendOf(0, 'http', 3, 2);
  expect(verdicts({ overhead: [{ ...row, ownCalls: around(0) }] })).toEqual([['∞×', false]]);
});

it('judges instant upstreams by their own calls where they are 2 ms away, and slow ones anywhere', () => {
  const overhead = [
    vendOf(0, 'http', 30),
    vendOf(0, 'http', 6.5, 2),
    vendOf(0, 'queue', 30, 2),
    vendOf(2_000, 'http', 42, 2),
  ];
  expect(targetsOf({ overhead })).toEqual([
    {
      what: 'vend over http, 2 ms away, beside its own calls',
      ...{ target: 'at most 1.30×', measured: '1.30×', met: true },
    },
    {
      what: 'p50 added over http, share of a vend with upstreams of 2,000 ms and 2 ms away',
      ...{ target: 'at most 1.00 %', measured: '0.99 %', met: true },
    },
  ]);
});

it('says nothing of targets whose section was not run', () => {
  expect(targetsOf({})).toEqual([]);
  expect(targetsOf({ throughput: [loadOf('ours', 4)], 'cold-start': [startOf('ours', 200)] })).toEqual([]);
});

const MACHINE: Results['machine'] = {
  ...{ cpu: 'Some CPU', processors: 2, memoryGb: 8, os: 'Linux 6.1', node: 'v24.0.0' },
  ...{ date: '2026-01-02', commit: 'abc1234' },
};

it('prints what is added, and what the function is beside others', () => {
  const report = reportOf({ machine: MACHINE, form: 'full', seconds: 600, sections: GOOD });
  const lines = report.split('\n');
  expect(lines[0]).toBe('Some CPU, 2 processors, 8 GB, Linux 6.1, Node v24.0.0, 2026-01-02, commit abc1234.');
  expect(lines).toContain(
    '| 0 ms | 0 ms | HTTP | 100 | 2.00 / 4.00 ms | 4.00 / 12.0 ms | 8.00 / 26.0 ms | 2.00× | 80.0 % | 5.00 ms | 2.00× | 1.40× |',
  );
  expect(lines).toContain('| empty | 100 (90.0–110) | 100 (90.0–110) | 60.0 | – | – |');
  expect(lines).toContain('| 64 | ours | 409 (368–450) | 0 | 2.20 (1.98–2.42) | 455 | 90 %, 40 %, 10 % |');
  expect(lines).toContain('| 10,000 | ours | 50.0 s | 200 | 4.50 | all |');
  expect(lines.filter((line) => line.endsWith('| met |'))).toHaveLength(9);
  expect(lines).toContain('| time added over http, 0 ms away, p50 | 8.00 ms | 4.00 ms | 2.00× |');
  expect(lines).toContain('| CPU per vend, 64 in flight | 2.20 ms | 1.20 ms | 1.83× |');
  expect(lines).toContain('| most RSS at 64 in flight | 150 MB | 150 MB | 1.00× |');
  expect(lines).toContain('| cold start, first vend answered | 600 ms | 900 ms | 0.67× |');
});

it('warns of the short form, and where processes are not seen', () => {
  const { cpuMsPerVend: _cpu, busy: _busy, ...unseen } = loadOf('ours', 4);
  const sections: Sections = { throughput: [unseen], az: { kind: 'absent' } };
  const report = reportOf({ machine: MACHINE, form: 'short', seconds: 30, sections });
  expect(report).toMatch(/^Short form, which tells nothing about time\. /);
  expect(report).toContain('| 64 | ours | 225 (203–248) | 0 | – | – | – |');
  expect(report).toContain('az is not installed here, skipped');
  expect(report).not.toContain('target');
});
