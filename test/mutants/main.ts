/**
 * Shows that the tests bite: takes each protection away in a copy of the project, one at a time, and runs the tests
 * of the saga, the queues or the adapter. A mutant that they let live fails the run.
 *
 * `--only TEXT`: those whose file or name has it.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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
const ADAPTERS = 'src/azure';
/** They take seconds each time: only what the direct tests let live has to face them. */
const RANDOM = ['test/vending/saga/saga.property.test.ts', 'test/vending/lifecycle.property.test.ts'];

interface Suite {
  readonly name: string;
  pass(): boolean;
}

const SUITES = {
  saga: {
    name: 'saga',
    pass: () =>
      passes('--no-isolate', '--exclude', '**/*.property.test.ts', ...SAGA) && passes('--no-isolate', ...RANDOM),
  },
  queue: { name: 'queue', pass: () => passes('--no-isolate', ...QUEUE) },
} as const satisfies Record<string, Suite>;

/** An adapter's tests are where it is; those of what adapters share have its name. */
function adapterSuite(file: string): Suite {
  const folder = dirname(file);
  const tests = folder === ADAPTERS ? file.replace(/\.ts$/, '.test.ts') : folder;
  const name = tests.replace(/^src/, 'test');
  return { name, pass: () => passes(name) };
}

function suiteOf({ file }: Mutant): Suite {
  if (file.startsWith('src/functions')) return SUITES.queue;
  return file.startsWith(ADAPTERS) ? adapterSuite(file) : SUITES.saga;
}

function passes(...selection: readonly string[]): boolean {
  const runner = join(copy, 'node_modules/vitest/vitest.mjs');
  const args = ['run', '--config', 'test/vitest.config.ts', '--bail', '1', ...selection];
  const { status } = spawnSync(process.execPath, [runner, ...args], {
    cwd: copy,
    env: { ...process.env, PROVE_RUNS: RUNS },
    encoding: 'utf8',
  });
  return status === 0;
}

/** @throws Error where the text is not there exactly once: the list has to follow the code. */
function killed(mutant: Mutant): boolean {
  const { file, text, replacement, without } = mutant;
  const path = join(copy, file);
  const original = readFileSync(path, 'utf8');
  if (original.split(text).length !== 2) throw new Error(`"${without}": its text is not there once in ${file}`);
  writeFileSync(
    path,
    original.replace(text, () => replacement),
  );
  try {
    return !suiteOf(mutant).pass();
  } finally {
    writeFileSync(path, original);
  }
}

try {
  const suites = new Map(chosen.map(suiteOf).map((suite) => [suite.name, suite]));
  for (const { name, pass } of suites.values()) if (!pass()) throw new Error(`${name} fails without any mutant.`);
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
