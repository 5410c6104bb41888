/** A warm Vitest in a process of its own. Its parent kills it where a change never ends. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createVitest } from 'vitest/node';
import { withProbes } from './probes.ts';
import { type Order, order, type Report, type Result } from './protocol.ts';

const PROJECT = join(import.meta.dirname, '../../..');
const PRODUCT = /^src\/(?!sandbox\/).*\.ts$/;

let change: Order['change'];

/** The text in place of a file's own. */
function load(path: string): string | undefined {
  const file = relative(PROJECT, path);
  if (file === change?.file) return change.mutated;
  return PRODUCT.test(file) ? withProbes(file, readFileSync(path, 'utf8')) : undefined;
}

const vitest = await createVitest(
  {
    config: false,
    root: PROJECT,
    watch: false,
    include: ['test/**/*.test.ts'],
    setupFiles: [join(import.meta.dirname, 'reached-setup.ts')],
    reporters: [{}],
    maxWorkers: 1,
    isolate: true,
    fsModuleCache: false,
    pool: 'forks',
    bail: 1,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
  { plugins: [{ name: 'changed-file', enforce: 'pre', load }] },
);
const specifications = await vitest.globTestSpecifications();

async function run(test: string): Promise<Result> {
  const found = specifications.filter(({ moduleId }) => relative(PROJECT, moduleId) === test);
  const begun = performance.now();
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(found);
  const ms = performance.now() - begun;
  // A run answers with the modules of earlier ones too.
  const module = testModules.find(({ moduleId }) => relative(PROJECT, moduleId) === test);
  if (module === undefined) throw new Error(`${test} did not run: ${String(unhandledErrors[0])}`);
  // A rejection that nobody handles passes every assertion. It would end the function.
  const ok = module.ok() && unhandledErrors.length === 0;
  return { test, ok, ms, reached: [...(module.meta().reached ?? [])] };
}

async function follow({ tests, change: next }: Order): Promise<Report> {
  for (const each of [change, next]) if (each !== undefined) vitest.invalidateFile(join(PROJECT, each.file));
  change = next;
  const results: Result[] = [];
  for (const test of tests) {
    const result = await run(test);
    results.push(result);
    if (!result.ok) break;
  }
  return { results };
}

process.on('message', (message) => {
  follow(order.parse(message)).then(
    (report) => process.send?.(report),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.send?.('ready');
