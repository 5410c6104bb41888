import { type Repetition, type RunCost, startCostRig } from './reconcile-cost.ts';

export interface ScaleSize {
  /** Finished credentials, ascending. */
  readonly finished: readonly number[];
  /** Credentials that need a review, before each run. */
  readonly open: number;
  readonly repetitions: number;
}

export interface ScaleRow {
  readonly finished: number;
  readonly open: number;
  readonly reconcile: RunCost;
  readonly replay: Repetition;
  readonly vend: Repetition;
  /** The first 20 credentials of all, and of the caller's own. */
  readonly pageOfAll: Repetition;
  readonly pageOfOwn: Repetition;
}

/** Measures a run of the reconciler, requests for keys and pages of lists while the ledger grows. */
export async function measureScale({ finished, open, repetitions }: ScaleSize): Promise<ScaleRow[]> {
  const rig = await startCostRig();
  try {
    // Each run leaves something to the next: from the third on all have the same to do.
    for (let run = 0; run < 2; run++) await rig.run(open);
    await rig.repeat(repetitions);
    const rows: ScaleRow[] = [];
    for (const [place, count] of finished.entries()) {
      rig.finish(count - (finished[place - 1] ?? 0));
      rows.push({
        ...{ finished: count, open, reconcile: await rig.run(open), replay: await rig.repeat(repetitions) },
        vend: await rig.vend(repetitions),
        pageOfAll: await rig.list('all', repetitions),
        pageOfOwn: await rig.list('own', repetitions),
      });
    }
    return rows;
  } finally {
    await rig.close();
  }
}
