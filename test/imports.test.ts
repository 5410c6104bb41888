import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';

/**
 * The folders of the product from the ground to the roof, each with what it imports. An import of another folder is a
 * decision: it is added here. `.` is what stands in `src` itself. The sandbox is no part of the product: its folders only
 * must not import in a circle.
 */
const FOLDERS: readonly (readonly [folder: string, imports: string])[] = [
  ['vending/model', ''],
  ['vending/request', 'vending/model'],
  ['vending/policy', 'vending/model vending/request'],
  ['vending/secret', 'vending/model vending/policy'],
  ['vending/events', 'vending/model vending/request vending/secret'],
  ['vending/ports', 'vending/events vending/model vending/secret'],
  ['vending/answers', 'vending/model vending/secret'],
  ['vending/saga', 'vending/events vending/model vending/policy vending/ports vending/secret'],
  ['vending/review', 'vending/events vending/model vending/policy vending/ports vending/saga vending/secret'],
  [
    'vending/commands',
    'vending/answers vending/model vending/policy vending/ports vending/request vending/review vending/saga vending/secret',
  ],
  ['azure', 'vending/model'],
  ['azure/arm', 'azure vending/model vending/ports vending/secret'],
  ['azure/entra', 'azure vending/model vending/ports'],
  ['azure/events', 'azure vending/events vending/ports'],
  ['azure/ledger', 'azure vending/model vending/ports'],
  ['azure/servicebus', 'azure vending/ports'],
  ['azure/telemetry', 'vending/model vending/ports'],
  ['azure/vault', 'azure vending/model vending/ports'],
  ['functions', 'vending/commands vending/model vending/policy vending/ports vending/review vending/saga'],
  ['functions/openapi', 'functions vending/answers vending/commands vending/events vending/model vending/request'],
  [
    'functions/http',
    'functions functions/openapi vending/answers vending/commands vending/events vending/model vending/policy vending/ports vending/request vending/saga',
  ],
  [
    'functions/queue',
    'functions vending/answers vending/commands vending/events vending/model vending/policy vending/ports vending/request vending/review vending/saga',
  ],
  [
    '.',
    'azure azure/arm azure/entra azure/events azure/ledger azure/servicebus azure/telemetry azure/vault functions functions/http functions/queue vending/model vending/policy vending/ports vending/review vending/saga',
  ],
];

const SRC = join(import.meta.dirname, '../src');

const MAX_LINES = 200;

function folderOf(path: string): string {
  const folder = dirname(path);
  return folder === '.' ? '.' : folder.split('/').slice(0, 2).join('/');
}

type Imports = ReadonlyMap<string, ReadonlySet<string>>;

function importsOf(paths: readonly string[], folderOfPath: (path: string) => string): Imports {
  const imports = new Map<string, Set<string>>();
  for (const path of paths) {
    const from = folderOfPath(path);
    const found = imports.get(from) ?? new Set();
    imports.set(from, found);
    for (const [, relative = ''] of readFileSync(join(SRC, path), 'utf8').matchAll(
      /(?:from|import)\s*\(?\s*'(\.[^']+)'/g,
    ))
      found.add(folderOfPath(normalize(join(dirname(path), relative))));
    found.delete(from);
  }
  return imports;
}

/** What is left after every folder went that imports only folders that went before. */
function foldersInCircles(imports: Imports): readonly string[] {
  const left = new Map(imports);
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    for (const [folder, found] of left) if (![...found].some((each) => left.has(each))) left.delete(folder);
  }
  return [...left.keys()];
}

it('every folder imports what is listed, and nothing else', () => {
  const listed = new Map(FOLDERS.map(([folder, imports]) => [folder, new Set(imports.split(' ').filter(Boolean))]));
  expect(importsOf(globSync('**/*.ts', { cwd: SRC, exclude: ['sandbox/**'] }), folderOf)).toEqual(listed);
});

it('no folder imports one that stands above it, so none imports in a circle', () => {
  for (const [at, [folder, imports]] of FOLDERS.entries()) {
    const below = FOLDERS.slice(0, at).map(([name]) => name);
    expect([folder, imports.split(' ').filter((name) => name !== '' && !below.includes(name))]).toEqual([folder, []]);
  }
});

it('nothing reads the environment but the start, and what takes proxies out of it: settings are documented and checked', () => {
  const readers = globSync('**/*.ts', { cwd: SRC, exclude: ['sandbox/**'] }).filter((path) =>
    /\bprocess\.env\b|import .* from 'node:process'/.test(readFileSync(join(SRC, path), 'utf8')),
  );
  expect(new Set(readers)).toEqual(new Set(['index.ts', 'connect.ts']));
});

/** By npm, and by the client generator of the samples. */
const GENERATED = ['**/node_modules/**', 'test/samples/typescript/api.d.ts'];

it('no file of the sources and the tests is longer than 200 lines', () => {
  const root = join(SRC, '..');
  const lengths = globSync('{src,test}/**/*.ts', { cwd: root, exclude: GENERATED }).map(
    (path) => [path, readFileSync(join(root, path), 'utf8').split('\n').length - 1] as const,
  );
  expect(lengths.length).toBeGreaterThan(0);
  expect(lengths.filter(([, lines]) => lines > MAX_LINES)).toEqual([]);
});

it('no folder of the sandbox imports in a circle', () => {
  const imports = importsOf(globSync('sandbox/**/*.ts', { cwd: SRC }), dirname);
  expect(imports.size).toBeGreaterThan(10);
  expect(foldersInCircles(imports)).toEqual([]);
});
