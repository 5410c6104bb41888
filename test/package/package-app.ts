import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { parsePolicy } from '../../src/vending/policy/policy.ts';
import { archive } from './archive.ts';
import { readBundledPackages } from './bundled-packages.ts';
import { readMetafile } from './metafile.ts';
import { thirdPartyNotices } from './notices.ts';
import { sbomOf } from './sbom.ts';

/** In the package's root; the app setting is then `POLICY_FILE=/home/site/wwwroot/policy.jsonc`. */
export const POLICY_NAME = 'policy.jsonc';

const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string(),
  main: z.string(),
  devDependencies: z.object({ esbuild: z.string() }),
});

export interface Package {
  readonly name: string;
  readonly zip: Uint8Array;
  /** CycloneDX, JSON. It names the zip's hash, so it lies beside it. */
  readonly sbom: string;
  /** SHA-256 of the zip, in hexadecimal. */
  readonly sha256: string;
}

/**
 * What is deployed, from a project that was built. Nothing but the arguments' files decides its bytes.
 * @param policy text of a policy to take along; none: it is an app setting, or in a file that is mounted.
 * @throws Error that says what is not fit to be packaged.
 */
export function packageApp(root: string, policy?: string): Package {
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const manifest = manifestSchema.parse(JSON.parse(read('package.json')));
  const { name, version, license, main, devDependencies } = manifest;
  const metafile = readMetafile(join(root, 'dist/meta.json'));
  if (!metafile.made.includes(main)) throw new Error(`package.json's main, ${main}, is not what was built.`);
  const packages = readBundledPackages(root, metafile);
  const zip = archive({
    'host.json': read('host.json'),
    'package.json': `${JSON.stringify({ name, version, private: true, license, main }, null, 2)}\n`,
    ...Object.fromEntries(metafile.made.map((path) => [path, read(path)])),
    LICENSE: read('LICENSE'),
    'THIRD-PARTY-NOTICES.txt': thirdPartyNotices(root, name, packages),
    ...(policy === undefined ? {} : { [POLICY_NAME]: checkedPolicy(policy) }),
  });
  const sha256 = createHash('sha256').update(zip).digest('hex');
  const product = { name, version, licence: license, sha256, bundler: devDependencies.esbuild };
  return { name, zip, sbom: sbomOf(product, packages, metafile), sha256 };
}

function checkedPolicy(text: string): string {
  const parsed = parsePolicy(text);
  if (parsed.kind === 'invalid') throw new Error(`The app would not start:\n  ${parsed.lines.join('\n  ')}`);
  return text;
}
