/** `npm run package -- [--policy FILE]`: the deployable zip and its bill of materials, in `dist/`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageApp } from './package-app.ts';

const PROJECT = join(import.meta.dirname, '../..');

const { values } = parseArgs({ options: { policy: { type: 'string' } } });
const policy = values.policy === undefined ? undefined : readFileSync(values.policy, 'utf8');
const { name, zip, sbom, sha256 } = packageApp(PROJECT, policy);
writeFileSync(join(PROJECT, 'dist', `${name}.zip`), zip);
writeFileSync(join(PROJECT, 'dist', `${name}.cdx.json`), sbom);
console.log(`dist/${name}.zip       ${zip.length} bytes, sha256 ${sha256}`);
console.log(`dist/${name}.cdx.json  CycloneDX 1.6`);
