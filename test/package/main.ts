import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCommand, UsageError } from '../../src/sandbox/kit/command.ts';
import { packageApp } from './package-app.ts';

const USAGE = `Usage: npm run package -- [--policy FILE]
Makes the deployable zip and its bill of materials, in dist/.
  --policy FILE   a policy to take along, as policy.jsonc`;

const PROJECT = join(import.meta.dirname, '../..');

function readPolicy(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new UsageError(`--policy must name a file that can be read, and ${file} cannot.`);
  }
}

await runCommand(USAGE, async (args) => {
  const { values } = parseArgs({ args: [...args], options: { policy: { type: 'string' } } });
  const policy = values.policy === undefined ? undefined : readPolicy(values.policy);
  const { name, zip, sbom, sha256 } = packageApp(PROJECT, policy);
  writeFileSync(join(PROJECT, 'dist', `${name}.zip`), zip);
  writeFileSync(join(PROJECT, 'dist', `${name}.cdx.json`), sbom);
  console.log(`dist/${name}.zip       ${zip.length} bytes, sha256 ${sha256}`);
  console.log(`dist/${name}.cdx.json  CycloneDX 1.6`);
  return 0;
});
