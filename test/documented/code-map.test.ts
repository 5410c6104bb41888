import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';

const PROJECT = join(import.meta.dirname, '../..');
const SRC = join(PROJECT, 'src');
const PAGE = readFileSync(join(SRC, 'CODE-MAP.md'), 'utf8');
const PRODUCT = globSync('**/*.ts', { cwd: SRC }).filter((path) => !path.startsWith('sandbox/'));

const codeIn = (text: string): readonly string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
const isPath = (code: string): boolean => /^[\w./-]+$/.test(code) && (code.includes('/') || /\.[a-z]+$/.test(code));

interface Row {
  /** As the first column names them. Of a task: none. */
  readonly files: readonly string[];
  readonly text: string;
}

/** The rows of a section. The heading of a section ends in the folder that its files are relative to. */
function rowsOf(section: string): readonly Row[] {
  const folder = /^.*: `(.+)`$/m.exec(section.slice(0, section.indexOf('\n')))?.[1];
  return [...section.matchAll(/^\| (.*) \| (.*) \|$/gm)].map(([, first = '', text = '']) => ({
    files: folder === undefined ? [] : codeIn(first).map((file) => join(folder === 'src' ? '' : folder, file)),
    text,
  }));
}

const rows = PAGE.split(/^## /m).slice(1).flatMap(rowsOf);
const tasks = rows.filter(({ files, text }) => files.length === 0 && codeIn(text).length > 0);

/** Where a file that a text names may stand. A name without a folder is of the only file of that name. */
const placesOf = (path: string): readonly string[] =>
  path.includes('/') ? [path] : PRODUCT.filter((file) => file === path || basename(file) === path);
const isThere = (path: string): boolean => {
  const places = placesOf(path);
  return places.length === 1 && existsSync(join(SRC, places[0] ?? ''));
};
const read = (file: string): string => readFileSync(join(SRC, file), 'utf8');

it('the code map names every file of the product, each once', () => {
  expect(rows.flatMap(({ files }) => files).toSorted()).toEqual(PRODUCT.toSorted());
});

it('every path of the code map exists, and a name without a folder is of one file', () => {
  expect(tasks.length).toBeGreaterThan(9);
  const intro = PAGE.slice(0, PAGE.indexOf('\n|'));
  const named = [intro, ...rows.map(({ text }) => text)].flatMap(codeIn).filter(isPath);
  expect(named.filter((path) => !isThere(path))).toEqual([]);
});

it('a constant, a function or a text that a row of the code map names is in a file of the row', () => {
  const missing = rows.flatMap(({ files, text }) => {
    const named = codeIn(text);
    const there = files.length > 0 ? files : named.filter((code) => code.endsWith('.ts')).flatMap(placesOf);
    const source = there.map(read).join('\n');
    return named.filter((code) => !isPath(code) && !source.includes(code));
  });
  expect(missing).toEqual([]);
});

it('the code map is short enough to be read', () => {
  expect(Buffer.byteLength(PAGE)).toBeLessThan(15 * 1024);
});

it.each([
  ['src/sandbox', 'src/sandbox'],
  ['test/model', 'test/model'],
  ['test/bench', 'test/bench'],
  ['test', 'test test/chaos test/documented'],
])('%s/README.md names only files that exist', (folder, bases) => {
  const page = readFileSync(join(PROJECT, folder, 'README.md'), 'utf8');
  const named = codeIn(page).filter((code) => isPath(code) && code.endsWith('.ts'));
  const isAround = (path: string): boolean => bases.split(' ').some((base) => existsSync(join(PROJECT, base, path)));
  expect(named).not.toEqual([]);
  expect(named.filter((path) => !isAround(path) && !existsSync(join(PROJECT, path)) && !isThere(path))).toEqual([]);
});
