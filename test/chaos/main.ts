import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runCommand, UsageError } from '../../src/sandbox/kit/command.ts';
import { runChaos } from './chaos.ts';
import { lossText, runLoss } from './loss.ts';
import { textOf } from './report.ts';
import { Totals } from './totals.ts';

const USAGE = `Usage: npm run chaos -- [options]
The built function is killed and hurt while it vends, rotates and revokes. Then every key is accounted for.
  --minutes N    how long (default 1)
  --seed TEXT    of a run before, to have its requests and faults again
  --lose-table   the ledger loses its rows, and they are recovered
Exit code 1: something does not add up, or was not tried.`;
/** Each round has an Azure of its own and is accounted for, so a long run needs no more memory than a short one. */
const ROUND_S = 600;

interface Run {
  readonly seed: string;
  readonly seconds: number;
}

async function storms({ seed, seconds }: Run): Promise<boolean> {
  const totals = new Totals();
  const rounds = Math.ceil(seconds / ROUND_S);
  let isSpared = false;
  for (let round = 1; round <= rounds; round++) {
    const one = { seed: round === 1 ? seed : `${seed}-${round}`, seconds: Math.ceil(seconds / rounds) };
    if (rounds > 1) console.log(`chaos: round ${round} of ${rounds}, seed ${one.seed}, ${one.seconds} s`);
    const report = await runChaos(one);
    console.log(textOf(report));
    totals.add(report, one.seconds);
    isSpared ||= report.spared.length > 0;
  }
  console.log(totals.text());
  return totals.isRight() && !isSpared;
}

async function losesTable(run: Run): Promise<boolean> {
  const loss = await runLoss(run);
  for (const each of loss.discrepancies) console.log(`DISCREPANCY   ${each}`);
  console.log(lossText(loss));
  return loss.inserted > 0 && loss.discrepancies.length === 0;
}

await runCommand(USAGE, async (args) => {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { minutes: text, seed: text, 'lose-table': { type: 'boolean', default: false } },
  });
  const seed = values.seed ?? randomUUID().slice(0, 8);
  const seconds = Number(values.minutes ?? 1) * 60;
  if (!(seconds > 0)) throw new UsageError('--minutes takes a positive number.');
  console.log(`chaos: seed ${seed}, ${seconds} s`);
  return (await (values['lose-table'] ? losesTable : storms)({ seed, seconds })) ? 0 : 1;
});
