import { startAzureProcess } from './azure/process.ts';
import { type Contender, queueOf } from './contender.ts';
import { floorOf } from './floor.ts';
import { pinRest } from './pinning.ts';
import { CONTENDERS, type Contestant, type Rig, WITH_TRANSACTIONS, withEach } from './rig.ts';
import { type Rounds, timed } from './rounds.ts';
import { type Summary, summarize } from './summary.ts';

export const TRANSPORTS = ['http', 'queue'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** Milliseconds. */
export interface Upstreams {
  /** How long ARM takes for a key, and the vault for a secret. */
  readonly latencyMs: number;
  /** How far away they are, and the ledger. */
  readonly roundTripMs: number;
}

export interface OverheadSize extends Upstreams, Rounds {}

/** How long one vend takes, milliseconds. */
export interface OverheadRow extends Upstreams {
  readonly transport: Transport;
  /** The two exchanges that nobody can do without; over no transport, the same for both. */
  readonly floor: Summary;
  /** The calls that ours makes for a vend, as bare as the floor. */
  readonly ownCalls: Summary;
  readonly straightforward: Summary;
  /** The straightforward one over HTTP with the transactions of ours by Microsoft's client. */
  readonly withTransactions: Summary;
  readonly ours: Summary;
}

/** One vend at a time of each, at several latencies of the upstreams, and at several distances. */
export async function measureOverhead(rig: Rig, sizes: readonly OverheadSize[]): Promise<OverheadRow[]> {
  const rows: OverheadRow[] = [];
  for (const [roundTripMs, group] of Map.groupBy(sizes, (size) => size.roundTripMs))
    rows.push(...(await measureAt(rig, roundTripMs, group)));
  return rows;
}

async function measureAt(rig: Rig, roundTripMs: number, sizes: readonly OverheadSize[]): Promise<OverheadRow[]> {
  const azure = await startAzureProcess(roundTripMs);
  await pinRest(azure.pid);
  const floor = await floorOf(azure);
  try {
    const measure = async (all: All): Promise<OverheadRow[]> => {
      const queues = { straightforward: queueOf(all.straightforward), ours: queueOf(all.ours) };
      const rows: OverheadRow[] = [];
      for (const size of sizes) {
        await setLatency([azure, ...Object.values(all).map((one) => one.azure)], size.latencyMs);
        const samples = await timed({ floor: floor.vend, ownCalls: floor.ownCalls, ...vendsOf(all, queues) }, size);
        rows.push(...TRANSPORTS.map((transport) => rowOf(size, transport, samples)));
      }
      await Promise.all([queues.straightforward.close(), queues.ours.close()]);
      return rows;
    };
    return await withEach(rig, [...CONTENDERS, WITH_TRANSACTIONS], measure, roundTripMs);
  } finally {
    await floor.close();
    await azure.close();
  }
}

type All = Readonly<Record<Contestant | typeof WITH_TRANSACTIONS, Contender>>;
type Timed = 'floor' | 'ownCalls' | 'withTransactions' | `${Contestant}-${Transport}`;
type Samples = Readonly<Record<Timed, readonly number[]>>;

const vendsOf = (all: All, queues: Readonly<Record<Contestant, ReturnType<typeof queueOf>>>) => ({
  withTransactions: all[WITH_TRANSACTIONS].http.vend,
  'straightforward-http': all.straightforward.http.vend,
  'straightforward-queue': queues.straightforward.vend,
  'ours-http': all.ours.http.vend,
  'ours-queue': queues.ours.vend,
});

async function setLatency(azures: readonly Contender['azure'][], ms: number): Promise<void> {
  await Promise.all(azures.map((azure) => azure.setLatency(ms)));
}

const rowOf = ({ latencyMs, roundTripMs }: Upstreams, transport: Transport, samples: Samples): OverheadRow => ({
  ...{ latencyMs, roundTripMs, transport },
  floor: summarize(samples.floor),
  ownCalls: summarize(samples.ownCalls),
  straightforward: summarize(samples[`straightforward-${transport}`]),
  withTransactions: summarize(samples.withTransactions),
  ours: summarize(samples[`ours-${transport}`]),
});
