/**
 * Shows that the tests can fail. It takes each protection away in a copy of the project, one at a time, and runs the tests,
 * the nearest first. A mutant that all of them let live fails the run.
 *
 * `--only TEXT`: those whose place or name has it. `--every N`: each Nth of them.
 * `generated FOLDER…`: small changes of every line instead, made in memory.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runGenerated } from './generated/run.ts';
import { changeBy, type Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';

const PROJECT = new URL('../../', import.meta.url).pathname;
/** Of each property test. */
const RUNS = '2000';
/** The machine may have other work to do. */
const TIMEOUT_MS = '120000';

const [mode, ...paths] = process.argv.slice(2);
if (mode === 'generated') process.exit((await runGenerated(paths)) ? 0 : 1);

const { only, every } = parseArgs({
  options: { only: { type: 'string', default: '' }, every: { type: 'string', default: '1' } },
}).values;
const chosen = MUTANTS.filter(({ place, without }) => place.includes(only) || without.includes(only)).filter(
  (_, at) => at % Number(every) === 0,
);

/** What tests read. */
const PARTS = [
  'src',
  'test',
  'infra',
  'host.json',
  'local.settings.sample.json',
  'README.md',
  'package.json',
  'tsconfig.json',
];
const copy = mkdtempSync(join(tmpdir(), 'mutants-'));
for (const part of PARTS) cpSync(join(PROJECT, part), join(copy, part), { recursive: true });
symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));

/** Arguments of one run of Vitest. */
type Selection = readonly string[];

const DIRECT = ['--exclude', '**/*.property.test.ts'];
/** They take seconds each time, so only mutants that the direct tests let live have to face them. */
const RANDOM: Selection = ['test/vending', '--exclude', '**/!(*.property).test.ts'];

/** The tests of host.json and infra/ that read text. Predicting a deployment takes a compiler, and longer. */
const CONFIGURATION: readonly Selection[] = [
  [
    'test/config',
    ...['alert', 'app-', 'bicep.test', 'commands', 'host', 'kept', 'query-rows', 'roles', 'settings'].map(
      (name) => `test/infra/${name}`,
    ),
  ],
  ['test/infra/snapshot.test.ts', '--testNamePattern', 'without a fault'],
];

/** The tests that may fail for a mutant, the nearest first. */
function selectionsFor({ place }: Mutant): readonly Selection[] {
  if (!place.startsWith('src/')) return CONFIGURATION;
  const nearest = `${place.replace(/^src/, 'test')}/`;
  if (!place.startsWith('src/vending/')) return [[nearest]];
  return [[nearest, ...DIRECT], ['test/vending', ...DIRECT], RANDOM];
}

function passes(selection: Selection): boolean {
  const runner = join(copy, 'node_modules/vitest/vitest.mjs');
  const args = ['run', '--config', 'test/vitest.config.ts', '--bail', '1', '--testTimeout', TIMEOUT_MS, ...selection];
  const { status } = spawnSync(process.execPath, [runner, ...args], {
    cwd: copy,
    env: { ...process.env, PROVE_RUNS: RUNS },
    encoding: 'utf8',
  });
  return status === 0;
}

const sound = new Set<string>();

/** @throws Error where tests fail that no mutant is in. */
function requireSound(selection: Selection): void {
  const name = selection.join(' ');
  if (!sound.has(name) && !passes(selection)) throw new Error(`${name} fails without any mutant.`);
  sound.add(name);
}

function isKilled(mutant: Mutant): boolean {
  const { file, original, mutated } = changeBy(mutant, copy);
  const path = join(copy, file);
  return selectionsFor(mutant).some((selection) => {
    requireSound(selection);
    writeFileSync(path, mutated);
    try {
      return !passes(selection);
    } finally {
      writeFileSync(path, original);
    }
  });
}

try {
  const survivors = chosen.filter((mutant) => {
    const dead = isKilled(mutant);
    console.log(`${dead ? 'killed  ' : 'SURVIVED'}  without ${mutant.without}`);
    return !dead;
  });
  console.log(`mutants: ${chosen.length - survivors.length} of ${chosen.length} killed`);
  process.exitCode = survivors.length === 0 ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
