import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it, vi } from 'vitest';

// Each of them starts a process that loads everything.
vi.setConfig({ testTimeout: 120_000 });

const MAIN = join(import.meta.dirname, 'main.ts');
const README = join(import.meta.dirname, 'README.md');

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bench = (...args: readonly string[]) => promisify(execFile)(process.execPath, [MAIN, ...args]);

/** Every number in it, by its path. */
function numbersIn(value: unknown, path = ''): (readonly [path: string, number: number])[] {
  if (typeof value === 'number') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => numbersIn(inner, `${path}/${name}`));
}

/** What each request may cost. */
const CALLS = [
  { request: 'vend', calls: 3 },
  { request: 'replay', calls: 2 },
  { request: 'vend, chosen name', calls: 4 },
  { request: 'rotation', calls: 4 },
  { request: 'rotation, replay', calls: 3 },
  { request: 'revocation', calls: 3 },
];

it('measures the sections that it is asked for, in their short form, and leaves the README alone', async () => {
  const readme = readFileSync(README, 'utf8');
  const json = join(folder, 'results.json');
  const { stdout } = await bench('--short', '--only', 'ledger,scale,az', '--json', json);
  const results: unknown = JSON.parse(readFileSync(json, 'utf8'));
  expect(results).toMatchObject({ form: 'short', sections: { ledger: CALLS, scale: [{ finished: 1_000 }], az: {} } });
  expect(stdout).toContain('| 1,000 |');
  const numbers = numbersIn(results);
  expect(numbers.length).toBeGreaterThan(15);
  // JSON has null for what is no finite number.
  expect(readFileSync(json, 'utf8')).not.toContain('null');
  expect(numbers.filter(([, number]) => number < 0)).toEqual([]);
  expect(readFileSync(README, 'utf8')).toBe(readme);
});

it('names the sections that there are', async () => {
  await expect(bench('--short', '--only', 'scales')).rejects.toThrow(
    'overhead, cold-start, throughput, backlog, memory, ledger, scale, calls, az; not scales',
  );
});
