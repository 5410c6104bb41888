import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Change } from './changes.ts';
import { probeName, type Result } from './protocol.ts';

/** It reads the sources from the disk, so it sees no change that is made in memory. */
const ON_SOURCES = new Set(['test/imports.test.ts']);

/** The tests that a file answers to: those of its area, and those of the whole. Callers read what the domain says. */
export function testsFor(file: string, project: string): readonly string[] {
  const [, area = ''] = dirname(file).split('/');
  const areas = area === 'vending' ? ['vending', 'functions'] : [area];
  const patterns = ['test/*.test.ts', ...areas.filter((one) => one !== '').map((one) => `test/${one}/**/*.test.ts`)];
  return globSync(patterns, { cwd: project }).filter((test) => !ON_SOURCES.has(test));
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
