import { startAzureProcess } from './azure/process.ts';
import { type Contender, queueOf } from './contender.ts';
import { floorOf } from './floor.ts';
import { pinRest } from './pinning.ts';
import { type Contestant, type Rig, withBoth } from './rig.ts';
import { type Rounds, timed } from './rounds.ts';
import { type Summary, summarize } from './summary.ts';

export const TRANSPORTS = ['http', 'queue'] as const;
export type Transport = (typeof TRANSPORTS)[number];

export interface OverheadSize extends Rounds {
  /** How long ARM takes for a key, and the vault for a secret; milliseconds. */
  readonly latencyMs: number;
}

/** How long one vend takes, milliseconds. */
export interface OverheadRow {
  readonly latencyMs: number;
  readonly transport: Transport;
  /** The two exchanges that nobody can do without; over no transport, the same for both. */
  readonly floor: Summary;
  readonly straightforward: Summary;
  readonly ours: Summary;
}

/** One vend at a time of each, at several latencies of the upstreams. */
export async function measureOverhead(rig: Rig, sizes: readonly OverheadSize[]): Promise<OverheadRow[]> {
  const azure = await startAzureProcess();
  await pinRest(azure.pid);
  const floor = await floorOf(azure);
  try {
    return await withBoth(rig, async (both) => {
      const queues = { straightforward: queueOf(both.straightforward), ours: queueOf(both.ours) };
      const rows: OverheadRow[] = [];
      for (const size of sizes) {
        await setLatency([azure, both.straightforward.azure, both.ours.azure], size.latencyMs);
        const samples = await timed({ floor: floor.vend, ...vendsOf(both, queues) }, size);
        rows.push(...TRANSPORTS.map((transport) => rowOf(size.latencyMs, transport, samples)));
      }
      await Promise.all([queues.straightforward.close(), queues.ours.close()]);
      return rows;
    });
  } finally {
    await floor.close();
    await azure.close();
  }
}

type Samples = Readonly<Record<'floor' | `${Contestant}-${Transport}`, readonly number[]>>;

const vendsOf = (
  both: Readonly<Record<Contestant, Contender>>,
  queues: Readonly<Record<Contestant, ReturnType<typeof queueOf>>>,
) => ({
  'straightforward-http': both.straightforward.http.vend,
  'straightforward-queue': queues.straightforward.vend,
  'ours-http': both.ours.http.vend,
  'ours-queue': queues.ours.vend,
});

async function setLatency(azures: readonly Contender['azure'][], ms: number): Promise<void> {
  await Promise.all(azures.map((azure) => azure.setLatency(ms)));
}

const rowOf = (latencyMs: number, transport: Transport, samples: Samples): OverheadRow => ({
  ...{ latencyMs, transport },
  floor: summarize(samples.floor),
  straightforward: summarize(samples[`straightforward-${transport}`]),
  ours: summarize(samples[`ours-${transport}`]),
});
