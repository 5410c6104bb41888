/**
 * Shows that the tests bite: takes each protection away in a copy of the project, one at a time, and runs the saga's
 * tests. A mutant that they let live fails the run.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MUTANTS, type Mutant } from './mutants.ts';

const PROJECT = new URL('../../', import.meta.url).pathname;
const RUNS = '2000';

const copy = mkdtempSync(join(tmpdir(), 'mutants-'));
for (const part of ['src', 'test', 'package.json', 'tsconfig.json'])
  cpSync(join(PROJECT, part), join(copy, part), { recursive: true });
symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));

/** @returns whether the tests pass. */
function testsPass(): boolean {
  const args = [
    'vitest/vitest.mjs',
    'run',
    '--config',
    'test/vitest.config.ts',
    'test/vending/saga',
    'test/vending/reconcile',
    'test/vending/operate',
    '--bail',
    '1',
  ];
  const [runner = '', ...rest] = args;
  const result = spawnSync(process.execPath, [join(copy, 'node_modules', runner), ...rest], {
    cwd: copy,
    env: { ...process.env, PROVE_RUNS: RUNS },
    encoding: 'utf8',
  });
  return result.status === 0;
}

/** @throws Error where the text is not there exactly once: the list has to follow the code. */
function killed({ file, text, replacement, without }: Mutant): boolean {
  const path = join(copy, file);
  const original = readFileSync(path, 'utf8');
  if (original.split(text).length !== 2) throw new Error(`"${without}": its text is not there once in ${file}`);
  writeFileSync(
    path,
    original.replace(text, () => replacement),
  );
  try {
    return !testsPass();
  } finally {
    writeFileSync(path, original);
  }
}

try {
  if (!testsPass()) throw new Error('The tests fail without any mutant.');
  const survivors = MUTANTS.filter((mutant) => {
    const dead = killed(mutant);
    console.log(`${dead ? 'killed  ' : 'SURVIVED'}  without ${mutant.without}`);
    return !dead;
  });
  console.log(`mutants: ${MUTANTS.length - survivors.length} of ${MUTANTS.length} killed`);
  process.exitCode = survivors.length === 0 ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
