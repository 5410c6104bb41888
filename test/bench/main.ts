/**
 * `node test/bench/main.ts [--open K] [--finished N,N,…]`: what one run of the reconciler costs the ledger's table, with
 * ever more finished rows beside the open ones.
 */
import { parseArgs } from 'node:util';
import { type RunCost, startCostRig } from './reconcile-cost.ts';

const { values } = parseArgs({ options: { open: { type: 'string' }, finished: { type: 'string' } } });
const open = Number(values.open ?? 48);
const steps = (values.finished ?? '100,10000,100000').split(',').map(Number);

function textOf(finished: number, { requests, entities, remembered, ms, waitedMs }: RunCost): string {
  const kinds = Object.entries(requests).map(([kind, count]) => `${count} ${kind}`);
  const counts = `${kinds.join(', ')}, ${entities} entities read`;
  return `${finished} finished, ${open} open, ${remembered} failures with due rows: ${counts}; ${ms} ms, of it ${waitedMs} ms waiting for the table`;
}

const rig = await startCostRig();
try {
  // Each run leaves something to the next: from the third on all have the same to do.
  for (let run = 0; run < 2; run++) await rig.run(open);
  let finished = 0;
  for (const step of steps) {
    rig.finish(step - finished);
    finished = step;
    console.log(textOf(finished, await rig.run(open)));
  }
} finally {
  await rig.close();
}
