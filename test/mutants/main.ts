/**
 * Shows that the tests bite: takes each protection away in a copy of the project, one at a time, and runs the tests
 * of the saga and the queues. A mutant that they let live fails the run.
 *
 * `--only TEXT`: those whose file or name has it.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';

const PROJECT = new URL('../../', import.meta.url).pathname;
const RUNS = '2000';

const { only } = parseArgs({ options: { only: { type: 'string', default: '' } } }).values;
const chosen = MUTANTS.filter(({ file, without }) => file.includes(only) || without.includes(only));

const copy = mkdtempSync(join(tmpdir(), 'mutants-'));
for (const part of ['src', 'test', 'package.json', 'tsconfig.json'])
  cpSync(join(PROJECT, part), join(copy, part), { recursive: true });
symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));

const SAGA = [
  'test/vending/saga',
  'test/vending/reconcile',
  'test/vending/operate',
  'test/vending/draft.test.ts',
  'test/vending/rotate.test.ts',
  'test/vending/revoke.test.ts',
  'test/vending/events/heed.test.ts',
  'test/vending/events/announce.test.ts',
];
const QUEUE = ['test/functions/queue'];
/** They take seconds each time: only what the direct tests let live has to face them. */
const RANDOM = ['test/vending/saga/saga.property.test.ts', 'test/vending/lifecycle.property.test.ts'];

const sagaTestsPass = (): boolean => passes('--exclude', '**/*.property.test.ts', ...SAGA) && passes(...RANDOM);
const queueTestsPass = (): boolean => passes(...QUEUE);

function passes(...selection: readonly string[]): boolean {
  const runner = join(copy, 'node_modules/vitest/vitest.mjs');
  const args = ['run', '--config', 'test/vitest.config.ts', '--no-isolate', '--bail', '1', ...selection];
  const { status } = spawnSync(process.execPath, [runner, ...args], {
    cwd: copy,
    env: { ...process.env, PROVE_RUNS: RUNS },
    encoding: 'utf8',
  });
  return status === 0;
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
    return !(file.startsWith('src/functions') ? queueTestsPass() : sagaTestsPass());
  } finally {
    writeFileSync(path, original);
  }
}

try {
  if (!sagaTestsPass() || !queueTestsPass()) throw new Error('The tests fail without any mutant.');
  const survivors = chosen.filter((mutant) => {
    const dead = killed(mutant);
    console.log(`${dead ? 'killed  ' : 'SURVIVED'}  without ${mutant.without}`);
    return !dead;
  });
  console.log(`mutants: ${chosen.length - survivors.length} of ${chosen.length} killed`);
  process.exitCode = survivors.length === 0 ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
