/** `npm run prove -- --runs N`: the property tests of the saga, for as long as one likes. */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '100000' } } });
const runner = new URL('../node_modules/vitest/vitest.mjs', import.meta.url).pathname;
const { status } = spawnSync(
  process.execPath,
  [runner, 'run', '--config', 'test/vitest.config.ts', 'test/vending', '--exclude', '**/!(*.property).test.ts'],
  { stdio: 'inherit', env: { ...process.env, PROVE_RUNS: values.runs } },
);
process.exitCode = status ?? 1;
