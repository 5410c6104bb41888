import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Change } from './changes.ts';
import { probeName, type Result } from './protocol.ts';

/** Of whole parts of the product, with processes of their own: they see no change that is made in memory. */
const ELSEWHERE = new Set(['e2e', 'sandbox', 'infra', 'documented', 'package', 'bench', 'chaos', 'smoke', 'samples']);
const ON_SOURCES = new Set(['test/imports.test.ts', 'test/published-schemas.test.ts']);

/** The tests that a folder of `src` answers to: those of the same part, and those of the start. */
export function testsFor(file: string, project: string): readonly string[] {
  const [, part = ''] = dirname(file).split('/');
  const folders = part === '' || ELSEWHERE.has(part) ? [] : [`test/${part}/**/*.test.ts`];
  return globSync(['test/*.test.ts', ...folders], { cwd: project }).filter((test) => !ON_SOURCES.has(test));
}

const shared = (a: string, b: string): number => {
  const [as, bs] = [a.split('/').slice(1), b.split('/').slice(1)];
  const at = as.findIndex((part, index) => part !== bs[index]);
  return at < 0 ? as.length : at;
};

/** The tests that run the changed code, the nearest and quickest first. */
export function testsReaching({ file, within }: Change, results: readonly Result[]): readonly Result[] {
  const probe = probeName(file, within);
  const folder = dirname(file);
  return results
    .filter(({ reached }) => reached.includes(probe))
    .sort((a, b) => shared(b.test, join(folder, 'x')) - shared(a.test, join(folder, 'x')) || a.ms - b.ms);
}
