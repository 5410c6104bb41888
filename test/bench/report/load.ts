import type { BacklogRow } from '../backlog.ts';
import type { MemoryRow } from '../memory.ts';
import type { ThroughputRow } from '../throughput.ts';
import type { Party } from '../usage.ts';
import { digits, spread, tableOf, UNSEEN, whole } from './markdown.ts';

const PARTIES: readonly Party[] = ['function', 'azure', 'bench'];

/** Vends per second of the function's own processor time. */
export const perCore = ({ cpuMsPerVend }: ThroughputRow): number | undefined =>
  cpuMsPerVend === undefined ? undefined : 1000 / cpuMsPerVend.median;

export const throughputTable = (rows: readonly ThroughputRow[]): string =>
  tableOf(
    [
      'in flight',
      'function',
      'vends/s',
      'refused',
      'CPU ms per vend',
      'vends/s per core',
      'busy: function, Azure, bench',
    ],
    rows.map((row) => [
      String(row.concurrency),
      row.contender,
      spread(row.vendsPerSecond),
      whole(row.refused),
      row.cpuMsPerVend === undefined ? UNSEEN : spread(row.cpuMsPerVend),
      numberOr(perCore(row)),
      row.busy === undefined ? UNSEEN : PARTIES.map((party) => percent(row.busy?.[party] ?? 0)).join(', '),
    ]),
  );

export const backlogTable = (rows: readonly BacklogRow[]): string =>
  tableOf(
    ['backlog', 'function', 'drained in', 'messages/s', 'CPU ms per message', 'answered once, one key each'],
    rows.map(({ messages, contender, seconds, cpuMsPerMessage, discrepancies }) => [
      whole(messages),
      contender,
      `${digits(seconds)} s`,
      digits(messages / seconds),
      numberOr(cpuMsPerMessage),
      discrepancies.length === 0 ? 'all' : discrepancies.join('; '),
    ]),
  );

export const memoryTable = (rows: readonly MemoryRow[]): string =>
  tableOf(
    ['memory', 'function', 'in flight', 'refused', 'most', 'first fifth', 'last fifth', 'growth', 'CPU ms per vend'],
    rows.map((row) => [
      `${whole(row.vends)} vends`,
      [row.contender, ...row.execArgv.map((option) => `\`${option}\``)].join(', '),
      String(row.concurrency),
      whole(row.refused),
      ...[row.maxMb, row.firstFifthMb, row.lastFifthMb].map((mb) => `${digits(mb)} MB`),
      `${digits(row.growthPercent)} %`,
      digits(row.cpuMsPerVend),
    ]),
  );

const numberOr = (value: number | undefined): string => (value === undefined ? UNSEEN : digits(value));

const percent = (share: number): string => `${Math.round(share * 100)} %`;
