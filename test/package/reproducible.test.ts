import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { packagePathOf } from './bundled-packages.ts';
import { builtMetafile, PROJECT } from './project.ts';

const folder = mkdtempSync(join(tmpdir(), 'reproducible-'));
afterAll(() => rmSync(folder, { recursive: true }));

const OWN = ['src', 'test/package', 'host.json', 'LICENSE', 'package.json', 'package-lock.json', 'tsconfig.json'];
/** They work on the bundle and are not in it. */
const TOOLS = ['fflate'];

/** What a checkout has after `npm ci`, as far as packaging reads it: all of it would take minutes. */
function checkout(name: string): string {
  const root = join(folder, name);
  for (const path of OWN) cpSync(join(PROJECT, path), join(root, path), { recursive: true });
  for (const input of builtMetafile().read.filter((path) => path.includes('node_modules/'))) copyInput(root, input);
  for (const tool of TOOLS) symlinkSync(join(PROJECT, 'node_modules', tool), join(root, 'node_modules', tool));
  return root;
}

/** With the manifests between it and its package's root, and all files there: the licences are among them. */
function copyInput(root: string, input: string): void {
  const home = packagePathOf(input) ?? '';
  const copy = (path: string): void => {
    const target = join(root, path.slice(path.indexOf('node_modules/')));
    mkdirSync(dirname(target), { recursive: true });
    if (!existsSync(target)) cpSync(join(PROJECT, path), target);
  };
  copy(input);
  for (let path = dirname(input); path.startsWith(home); path = dirname(path)) {
    if (existsSync(join(PROJECT, path, 'package.json'))) copy(join(path, 'package.json'));
  }
  for (const entry of readdirSync(join(PROJECT, home), { withFileTypes: true })) {
    if (entry.isFile()) copy(join(home, entry.name));
  }
}

async function packaged(
  root: string,
  umask: string,
  env: Readonly<Record<string, string>>,
): Promise<readonly Buffer[]> {
  const PATH = `${join(PROJECT, 'node_modules/.bin')}:${process.env.PATH}`;
  await promisify(execFile)('sh', ['-c', `umask ${umask} && npm run package`], { cwd: root, env: { PATH, ...env } });
  return ['zip', 'cdx.json'].map((end) => readFileSync(join(root, `dist/confluent-api-key-vending.${end}`)));
}

it('npm run package gives the same bytes in another folder, time zone, locale, umask, and for files of another age', async () => {
  const one = checkout('one');
  const two = checkout('deep/down/in/another folder');
  for (const path of OWN) utimesSync(join(two, path), 1, 1);
  const [first, second] = await Promise.all([
    packaged(one, '022', { TZ: 'UTC', LC_ALL: 'C' }),
    packaged(two, '077', { TZ: 'Pacific/Auckland', LC_ALL: 'tr_TR.UTF-8' }),
  ]);
  expect(first.map(({ length }) => length)).toEqual(second.map(({ length }) => length));
  expect(first.every((bytes, index) => bytes.equals(second[index] ?? Buffer.alloc(0)))).toBe(true);
}, 120_000);
