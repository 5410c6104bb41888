import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { changeBy, mutantsOf } from './mutant.ts';
import { MUTANTS } from './mutants.ts';

const PROJECT = join(import.meta.dirname, '../..');

it('finds the text of each mutant once, and changes it', () => {
  const stale = MUTANTS.flatMap((mutant) => {
    try {
      changeBy(mutant, PROJECT);
      return [];
    } catch (error) {
      return [String(error)];
    }
  });
  expect(stale).toEqual([]);
});

it('names each behaviour once', () => {
  const names = MUTANTS.map(({ without }) => without);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

it('refuses a text that is there twice, not at all, or replaced by itself', () => {
  const project = mkdtempSync(join(tmpdir(), 'mutants-test-'));
  mkdirSync(join(project, 'src'));
  const write = (name: string, text: string): void => writeFileSync(join(project, 'src', name), text);
  const without = mutantsOf('src')('x', 'ab', 'c$&');
  write('one.ts', '-ab-');
  write('two.ts', 'a');
  expect(changeBy(without, project)).toEqual({ file: 'src/one.ts', original: '-ab-', mutated: '-c$&-' });
  expect(() => changeBy(mutantsOf('src')('x', 'ab', 'ab'), project)).toThrow('"x" changes nothing.');
  write('two.ts', 'ab');
  expect(() => changeBy(without, project)).toThrow('"x": its text is 2 times in src.');
  expect(changeBy(mutantsOf('src/two.ts')('x', 'ab', 'c'), project)).toMatchObject({ file: 'src/two.ts' });
  for (const name of ['one.ts', 'two.ts']) write(name, 'a');
  expect(() => changeBy(without, project)).toThrow('"x": its text is 0 times in src.');
  rmSync(project, { recursive: true });
});
