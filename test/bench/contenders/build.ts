import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { transpile } from './transpile.ts';

const PROJECT = join(import.meta.dirname, '../../..');
const HERE = 'test/bench/contenders';

const SOURCES = {
  ours: { entry: 'src/index.ts', bundled: true },
  'ours-unbundled': { entry: 'src/index.ts', bundled: false },
  straightforward: { entry: `${HERE}/straightforward/index.ts`, bundled: true },
  'straightforward-unbundled': { entry: `${HERE}/straightforward/index.ts`, bundled: false },
  'straightforward-http': { entry: `${HERE}/straightforward-http/index.ts`, bundled: true },
  'straightforward-transactions': { entry: `${HERE}/straightforward-transactions/index.ts`, bundled: true },
  empty: { entry: `${HERE}/empty/index.ts`, bundled: true },
} as const;

export type ContenderName = keyof typeof SOURCES;
export const CONTENDER_NAMES = Object.keys(SOURCES) as readonly ContenderName[];

export interface BuiltContenders {
  /** Of the folder with host.json, package.json and the entry point that it names. */
  folder(name: ContenderName): string;
  close(): Promise<void>;
}

/** Builds function apps into a temporary directory. Bundles have no `node_modules` beside them: they are complete. */
export async function buildContenders(names: readonly ContenderName[] = CONTENDER_NAMES): Promise<BuiltContenders> {
  const root = await mkdtemp(join(tmpdir(), 'contenders-'));
  await Promise.all(names.map((name) => buildOne(name, join(root, name))));
  return {
    folder: (name) => join(root, name),
    close: () => rm(root, { recursive: true }),
  };
}

async function buildOne(name: ContenderName, folder: string): Promise<void> {
  const { entry, bundled } = SOURCES[name];
  await mkdir(folder);
  await copyFile(join(PROJECT, 'host.json'), join(folder, 'host.json'));
  const main = bundled ? await bundleInto(folder, entry) : await transpileInto(folder, entry);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name, type: 'commonjs', main }));
}

async function transpileInto(folder: string, entry: string): Promise<string> {
  await symlink(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  return transpile(PROJECT, entry, folder);
}

const manifestSchema = z.object({ scripts: z.object({ build: z.string() }) });

/** Bundles with the flags of the project's `build` script, whatever they are. Gives the entry point. */
async function bundleInto(folder: string, entry: string): Promise<string> {
  const { scripts } = manifestSchema.parse(JSON.parse(await readFile(join(PROJECT, 'package.json'), 'utf8')));
  const command = scripts.build
    .slice(scripts.build.indexOf('esbuild '))
    .replace('src/index.ts', entry)
    .replace('--outdir=dist', `--outdir=${folder}`)
    .replace('--metafile=dist/meta.json', '');
  const path = [join(PROJECT, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  await promisify(execFile)('sh', ['-c', command], { cwd: PROJECT, env: { ...process.env, PATH: path } });
  return 'index.mjs';
}
