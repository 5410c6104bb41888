import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Metafile } from './metafile.ts';

/** An npm package of which something is in the bundle. */
export interface BundledPackage {
  /** Names it in the dependency graph, and in the world. */
  readonly purl: string;
  readonly name: string;
  readonly version: string;
  /** An SPDX identifier or expression. */
  readonly licence: string;
  readonly author: string | undefined;
  /** Subresource integrity (`sha512-…`), from the lockfile. */
  readonly integrity: string;
  /** Where it is installed, relative to the project; more than one where npm could not share it. */
  readonly paths: readonly string[];
}

const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string(),
  author: z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]).exactOptional(),
});
const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().exactOptional(), integrity: z.string().exactOptional() }),
  ),
});
type Lock = z.infer<typeof lockSchema>;

/**
 * What npm's packages the bundle holds, by what esbuild took, not by what is installed. Sorted by purl.
 * @throws Error for a package that is not the one that the lockfile pins.
 */
export function readBundledPackages(root: string, metafile: Metafile): readonly BundledPackage[] {
  const lock = lockSchema.parse(readJson(join(root, 'package-lock.json')));
  const found = new Map<string, BundledPackage>();
  for (const path of new Set(metafile.bundled.flatMap((input) => packagePathOf(input) ?? []))) {
    const one = readPackage(root, path, lock);
    found.set(one.purl, { ...one, paths: [...(found.get(one.purl)?.paths ?? []), path] });
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

function readPackage(root: string, path: string, lock: Lock): Omit<BundledPackage, 'paths'> {
  const { name, version, license, author } = manifestSchema.parse(readJson(join(root, path, 'package.json')));
  const locked = lock.packages[path.slice(path.indexOf('node_modules/'))];
  if (locked?.version !== version || locked.integrity === undefined) {
    throw new Error(`${name} ${version} is not what package-lock.json pins (${locked?.version ?? 'nothing'}): npm ci`);
  }
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return { purl, name, version, licence: license, author, integrity: locked.integrity };
}

/** `node_modules/@azure/core-util/node_modules/debug` of a file in there; undefined for one of our own. */
export function packagePathOf(input: string): string | undefined {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
