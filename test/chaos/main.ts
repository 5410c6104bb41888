/** `node test/chaos/main.ts [--minutes N] [--seed S]`, after a build: exit code 1 where anything does not add up, or was not tried. */
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runChaos } from './chaos.ts';
import { textOf } from './report.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } });
const seed = values.seed ?? randomUUID().slice(0, 8);
const seconds = Number(values.minutes ?? 1) * 60;
if (!(seconds > 0)) throw new Error('--minutes takes a positive number.');

console.log(`chaos: seed ${seed}, ${seconds} s`);
const report = await runChaos({ seed, seconds });
console.log(textOf(report));
const isProof = report.kills > 0 && report.spared.length === 0 && report.discrepancies.length === 0;
process.exitCode = isProof ? 0 : 1;
