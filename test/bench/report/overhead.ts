import type { OverheadRow } from '../overhead.ts';
import { digits, tableOf, times, UNSEEN, whole } from './markdown.ts';

/** The milliseconds that a function adds to the floor, at the median and at the 99th percentile. */
export const addedBy = (row: OverheadRow, who: 'straightforward' | 'ours') => ({
  p50: row[who].median - row.floor.median,
  p99: row[who].p99 - row.floor.p99,
});

/** How much more of it is ours; infinite where the other one adds nothing that can be measured. */
function ratioOf(row: OverheadRow): number {
  const other = addedBy(row, 'straightforward').p50;
  return other > 0 ? addedBy(row, 'ours').p50 / other : Number.POSITIVE_INFINITY;
}

/** How much longer our vend takes than its own calls alone. */
export const besideOwnCalls = ({ ownCalls, ...row }: OverheadRow, who: 'ours' | 'withTransactions' = 'ours'): number =>
  row[who].median / ownCalls.median;

/** How much of the whole vend is ours, in percent. */
export const shareOf = (row: OverheadRow): number => (addedBy(row, 'ours').p50 / row.ours.median) * 100;

const TITLES = [
  ...['upstreams take', 'round trip', 'transport', 'vends each', 'floor p50 / p99'],
  ...['straightforward adds', 'ours adds', 'ratio p50', 'share of our vend', 'own calls p50', 'ours beside them'],
  'with transactions',
];

const TRANSPORT_NAMES = { http: 'HTTP', queue: 'queue' } as const;

export const overheadTable = (rows: readonly OverheadRow[]): string => tableOf(TITLES, rows.map(cells));

function cells(row: OverheadRow): readonly string[] {
  const [straightforward, ours] = [addedBy(row, 'straightforward'), addedBy(row, 'ours')];
  return [
    `${whole(row.latencyMs)} ms`,
    `${whole(row.roundTripMs)} ms`,
    TRANSPORT_NAMES[row.transport],
    String(row.ours.n),
    pair({ p50: row.floor.median, p99: row.floor.p99 }),
    pair(straightforward),
    pair(ours),
    times(ratioOf(row)),
    `${digits(shareOf(row))} %`,
    `${digits(row.ownCalls.median)} ms`,
    times(besideOwnCalls(row)),
    row.transport === 'http' ? times(besideOwnCalls(row, 'withTransactions')) : UNSEEN,
  ];
}

const pair = ({ p50, p99 }: { readonly p50: number; readonly p99: number }): string =>
  `${digits(p50)} / ${digits(p99)} ms`;
