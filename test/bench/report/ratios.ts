import type { Sections } from '../results.ts';
import type { Summary } from '../summary.ts';
import { digits, tableOf, times } from './markdown.ts';
import { addedBy } from './overhead.ts';

/** One measure of both functions. */
export interface Ratio {
  readonly what: string;
  readonly unit: string;
  readonly ours: number;
  readonly straightforward: number;
}

/** What both were measured by, of all sections that were run. */
export const ratiosOf = (sections: Sections): readonly Ratio[] => [
  ...(sections.overhead ?? [])
    .filter(({ latencyMs }) => latencyMs === 0)
    .map((row) => ({
      what: `time added over ${row.transport}, ${row.roundTripMs} ms away, p50`,
      unit: 'ms',
      ours: addedBy(row, 'ours').p50,
      straightforward: addedBy(row, 'straightforward').p50,
    })),
  ...cpuRatios(sections.throughput ?? []),
  ...memoryRatios(sections.memory ?? []),
  ...coldStartRatios(sections['cold-start'] ?? []),
];

export const ratiosTable = (ratios: readonly Ratio[]): string =>
  tableOf(
    ['', 'ours', 'straightforward', 'ratio'],
    ratios.map((ratio) => {
      const { what, unit, ours, straightforward } = ratio;
      return [what, `${digits(ours)} ${unit}`, `${digits(straightforward)} ${unit}`, times(quotientOf(ratio))];
    }),
  );

/** Infinite where the other one shows nothing that can be measured. */
export const quotientOf = ({ ours, straightforward }: Ratio): number =>
  straightforward > 0 ? ours / straightforward : Number.POSITIVE_INFINITY;

function cpuRatios(rows: NonNullable<Sections['throughput']>): readonly Ratio[] {
  return rows.flatMap(({ contender, concurrency, cpuMsPerVend: ours }) => {
    const other = rows.find((row) => row.contender === 'straightforward' && row.concurrency === concurrency);
    if (contender !== 'ours') return [];
    return ratioOf(`CPU per vend, ${concurrency} in flight`, 'ms', ours, other?.cpuMsPerVend);
  });
}

/** As both are deployed, without options for Node.js. */
export function memoryRatios(rows: NonNullable<Sections['memory']>): readonly Ratio[] {
  const plain = rows.filter(({ execArgv }) => execArgv.length === 0);
  const of = (name: string) => plain.find(({ contender }) => contender === name);
  const [ours, other] = [of('ours'), of('straightforward')];
  if (ours === undefined || other === undefined) return [];
  const what = `most RSS at ${ours.concurrency} in flight`;
  return [{ what, unit: 'MB', ours: ours.maxMb, straightforward: other.maxMb }];
}

function coldStartRatios(rows: NonNullable<Sections['cold-start']>): readonly Ratio[] {
  const of = (name: string) => rows.find(({ contender }) => contender === name);
  const [ours, other] = [of('ours'), of('straightforward')];
  return [
    ...ratioOf('cold start, registered', 'ms', ours?.registeredMs, other?.registeredMs),
    ...ratioOf('cold start, first vend answered', 'ms', ours?.firstVendMs, other?.firstVendMs),
  ];
}

const ratioOf = (
  what: string,
  unit: string,
  ours: Summary | undefined,
  other: Summary | undefined,
): readonly Ratio[] =>
  ours === undefined || other === undefined ? [] : [{ what, unit, ours: ours.median, straightforward: other.median }];
