/** `node test/chaos/main.ts [--minutes N] [--seed S] [--lose-table]`, after a build: exit code 1 where anything does not add up, or was not tried. */
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runChaos } from './chaos.ts';
import { lossText, runLoss } from './loss.ts';
import { textOf } from './report.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string' }, seed: { type: 'string' }, 'lose-table': { type: 'boolean', default: false } },
});
const seed = values.seed ?? randomUUID().slice(0, 8);
const seconds = Number(values.minutes ?? 1) * 60;
if (!(seconds > 0)) throw new Error('--minutes takes a positive number.');

console.log(`chaos: seed ${seed}, ${seconds} s`);
process.exitCode = (await (values['lose-table'] ? losesTable() : storms())) ? 0 : 1;

async function storms(): Promise<boolean> {
  const report = await runChaos({ seed, seconds });
  console.log(textOf(report));
  return report.kills > 0 && report.spared.length === 0 && report.discrepancies.length === 0;
}

async function losesTable(): Promise<boolean> {
  const loss = await runLoss({ seed, seconds });
  for (const each of loss.discrepancies) console.log(`DISCREPANCY   ${each}`);
  console.log(lossText(loss));
  return loss.inserted > 0 && loss.discrepancies.length === 0;
}
