/**
 * Makes each small change that the operators know in the files of a folder, one at a time, and runs the tests that reach it.
 * The mutants that were written by hand take away a whole protection. These find the line that nothing holds.
 *
 * Stryker 10.1.1 was tried. It needs an interface that TypeScript 7 no longer has. It brings 192 packages. It runs every test for a
 * change of code that runs when a file is loaded: in `settings.ts` for 188 of 192 changes.
 *
 * Arguments: folders or files of `src`. `--sample N`: N changes that `--seed` chooses.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { matches } from './accepted/accepted.ts';
import { ACCEPTED } from './accepted/index.ts';
import { byLot } from './by-lot.ts';
import { type Change, changesOf } from './changes.ts';
import { startCompiler } from './compiler.ts';
import type { Result } from './protocol.ts';
import { testsFor, testsReaching } from './selection.ts';
import { type WarmVitest, warmVitest } from './warm-vitest.ts';

const PROJECT = join(import.meta.dirname, '../../..');
/** The machine may have other work to do. */
const PATIENCE_MS = 60_000;

function filesOf(paths: readonly string[]): readonly string[] {
  const patterns = paths.map((path) => (path.endsWith('.ts') ? path : `${path}/**/*.ts`));
  return globSync(patterns, { cwd: PROJECT, exclude: ['src/sandbox/**'] }).sort();
}

/** Changes in an order, as many as there shall be, that the compiler lets through: the others cannot be delivered. */
function possibleAmong(changes: readonly Change[], limit: number): readonly Change[] {
  const compiler = startCompiler(PROJECT);
  const possible: Change[] = [];
  let refused = 0;
  for (const change of changes) {
    if (possible.length === limit) break;
    if (compiler.accepts(change.file, change.mutated)) possible.push(change);
    else refused += 1;
  }
  compiler.close();
  console.log(`${changes.length} changes; of ${possible.length + refused} the compiler refuses ${refused}`);
  return possible;
}

/** @throws Error where a test fails that no change is in. */
async function gather(vitest: WarmVitest, tests: readonly string[]): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const test of tests) {
    const [result] = (await vitest.run({ tests: [test] }, PATIENCE_MS * 5))?.results ?? [];
    if (result?.ok !== true) throw new Error(`${test} fails without any change.`);
    results.push(result);
  }
  return results;
}

const isKilled = async (vitest: WarmVitest, change: Change, results: readonly Result[]): Promise<boolean> => {
  const tests = testsReaching(change, results);
  const order = { tests: tests.map(({ test }) => test), change };
  const ms = tests.reduce((sum, test) => sum + test.ms, 0);
  const report = await vitest.run(order, PATIENCE_MS + ms * 5);
  return report === undefined || report.results.some(({ ok }) => !ok);
};

const describe = ({ file, line, was, now }: Change): string =>
  `${file}:${line}  ${was}  →  ${now === '' || now === ';' ? '(nothing)' : now}`;

export async function runGenerated(args: readonly string[]): Promise<boolean> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { sample: { type: 'string' }, seed: { type: 'string', default: '1' } },
  });
  const files = filesOf(positionals.length > 0 ? positionals : ['src']);
  const all = files.flatMap((file) => changesOf(file, readFileSync(join(PROJECT, file), 'utf8')));
  const ordered = values.sample === undefined ? all : byLot(all, values.seed);
  const changes = possibleAmong(ordered, Number(values.sample ?? all.length));
  const isAccepted = (change: Change): boolean => ACCEPTED.some((one) => matches(one, change));
  const tried = changes.filter((change) => !isAccepted(change));
  const vitest = warmVitest();
  let survived = 0;
  try {
    const results = await gather(vitest, [...new Set(files.flatMap((file) => testsFor(file, PROJECT)))]);
    for (const [at, change] of tried.entries()) {
      if (at % 20 === 0) console.log(`${at} of ${tried.length}`);
      if (await isKilled(vitest, change, results)) continue;
      survived += 1;
      console.log(`SURVIVED  ${describe(change)}`);
    }
  } finally {
    vitest.stop();
  }
  const killed = tried.length - survived;
  const score = ((killed / Math.max(changes.length, 1)) * 100).toFixed(1);
  const accepted = changes.length - tried.length;
  console.log(
    `mutants: ${killed} of ${changes.length} killed (${score} %), ${accepted} accepted, ${survived} survived`,
  );
  return survived === 0;
}
