/**
 * Shows that the tests can fail. It takes each protection away in a copy of the project, one at a time, and runs the tests,
 * the nearest first. A mutant that all of them let live fails the run.
 *
 * `--only TEXT`: those whose folder or name has it. `--every N`: each Nth of them.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { changeBy, type Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';

const PROJECT = new URL('../../', import.meta.url).pathname;
/** Of each property test. */
const RUNS = '2000';
/** The machine may have other work to do. */
const TIMEOUT_MS = '120000';

const { only, every } = parseArgs({
  options: { only: { type: 'string', default: '' }, every: { type: 'string', default: '1' } },
}).values;
const chosen = MUTANTS.filter(({ folder, without }) => folder.includes(only) || without.includes(only)).filter(
  (_, at) => at % Number(every) === 0,
);

const copy = mkdtempSync(join(tmpdir(), 'mutants-'));
for (const part of ['src', 'test', 'infra', 'package.json', 'tsconfig.json'])
  cpSync(join(PROJECT, part), join(copy, part), { recursive: true });
symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));

/** Arguments of one run of Vitest. */
type Selection = readonly string[];

const DIRECT = ['--exclude', '**/*.property.test.ts'];
/** They take seconds each time, so only mutants that the direct tests let live have to face them. */
const RANDOM: Selection = ['test/vending', '--exclude', '**/!(*.property).test.ts'];

/** The tests that may fail for a mutant, the nearest first. */
function selectionsFor({ folder }: Mutant): readonly Selection[] {
  const nearest = `${folder.replace(/^src/, 'test')}/`;
  if (!folder.startsWith('src/vending/')) return [[nearest]];
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
