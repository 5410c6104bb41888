import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CONTENDERS } from './cold-start/contenders.ts';
import { startOnce } from './cold-start/start.ts';
import { tableOf } from './cold-start/table.ts';
import { buildTools, type Tools } from './cold-start/tools.ts';
import { measureColdStart } from './cold-start.ts';

let folder: string;
let tools: Tools;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cold-start-test-'));
  tools = await buildTools(folder);
});
afterAll(() => rm(folder, { recursive: true }));

it('measures starts, and first vends where there are any', async () => {
  const contenders = CONTENDERS.filter(({ title }) => title === 'ours' || title === 'empty, compile cache');
  const results = await measureColdStart({ rounds: 1, contenders });
  expect(results.map(({ contender }) => contender)).toEqual(['ours', 'empty, compile cache']);
  const [ours, empty] = results;
  for (const { registeredMs, cpuMs, rssMiB } of results) {
    for (const { n, min, median } of [registeredMs, cpuMs, rssMiB]) {
      expect({ n, min }).toEqual({ n: 1, min: median });
      expect(median).toBeGreaterThan(0);
    }
  }
  // Another process vends than the one whose registration counts, so they do not compare.
  expect(ours?.firstVendMs?.median).toBeGreaterThan(0);
  expect(ours?.firstVendCpuMs?.median).toBeGreaterThan(0);
  expect(empty?.firstVendMs).toBeUndefined();
  expect(tableOf(results).split('\n')).toHaveLength(3);
});

it("measures an app that is not ours with a worker that is: there is no package in the worker's bundle", () => {
  expect(tools.workerInputs).not.toEqual([]);
  expect(tools.workerInputs.filter((input) => !/^(src\/sandbox\/host|test\/bench\/cold-start)\//.test(input))).toEqual(
    [],
  );
});

it('takes no app for started that does not start, and says why', async () => {
  await writeFile(join(folder, 'package.json'), JSON.stringify({ main: 'broken.cjs' }));
  await writeFile(join(folder, 'broken.cjs'), 'throw new Error("KEY_VAULT_URL: missing");');
  const start = startOnce({ folder, worker: tools.worker, env: {}, pinning: [] });
  await expect(start).rejects.toThrow('KEY_VAULT_URL: missing');
});

it('takes no process for started that cannot be made', async () => {
  const start = startOnce({ folder, worker: tools.worker, env: {}, pinning: ['/nowhere/taskset'] });
  await expect(start).rejects.toThrow('ENOENT');
});
