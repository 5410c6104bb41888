import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { packageApp } from './package-app.ts';
import { PROJECT, projectFile } from './project.ts';

const SCHEMAS = 'node_modules/@cyclonedx/cyclonedx-library/res/schema';
/** Where the schemas look for each other. */
const HOME = 'http://cyclonedx.org/schema';
const schema = (name: string): object => JSON.parse(projectFile(`${SCHEMAS}/${name}.SNAPSHOT.schema.json`));

/** The published schema's own words for what is wrong with a bill of materials. */
function faultsOf(bom: unknown): unknown {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  // Formats that ajv-formats does not know; no field that we fill has them.
  for (const format of ['iri-reference', 'idn-email']) ajv.addFormat(format, true);
  for (const name of ['spdx', 'jsf-0.82']) ajv.addSchema(schema(name), `${HOME}/${name}.SNAPSHOT.schema.json`);
  const validate = ajv.compile(schema('bom-1.6'));
  return validate(bom) ? [] : validate.errors;
}

const bomSchema = z.object({
  serialNumber: z.string(),
  metadata: z.object({
    component: z.object({ 'bom-ref': z.string(), hashes: z.array(z.object({ content: z.string() })) }),
  }),
  components: z.array(
    z.object({
      name: z.string(),
      purl: z.string(),
      hashes: z.array(z.object({ alg: z.string(), content: z.string() })),
    }),
  ),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
});

const { sbom, sha256, zip } = packageApp(PROJECT);
const json: unknown = JSON.parse(sbom);
const bom = bomSchema.parse(json);
const dependsOn = (ref: string) => bom.dependencies.find((one) => one.ref.startsWith(ref))?.dependsOn ?? [];

it('is valid by the published schema, which does find faults', () => {
  expect(faultsOf(json)).toEqual([]);
  const [first] = bom.components;
  const broken = { ...bom, bomFormat: 'CycloneDX', specVersion: '1.6', components: [first, first] };
  expect(faultsOf(broken)).toEqual(expect.arrayContaining([expect.objectContaining({ keyword: 'uniqueItems' })]));
});

it('names the zip by its hash', () => {
  expect(bom.metadata.component.hashes).toEqual([{ content: sha256 }]);
  expect(zip.length).toBeGreaterThan(100_000);
});

it('lists what is bundled, and nothing that only builds or tests', () => {
  const { dependencies, devDependencies } = JSON.parse(projectFile('package.json'));
  const names = bom.components.map(({ purl }) =>
    decodeURIComponent(purl.slice('pkg:npm/'.length)).replace(/@[^@]+$/, ''),
  );
  expect(names).toEqual(expect.arrayContaining(Object.keys(dependencies)));
  // rhea is the sandbox's broker, and the Service Bus client's too.
  expect(names.filter((name) => name in devDependencies)).toEqual(['rhea']);
});

it('has the hashes of the lockfile', () => {
  const { packages } = JSON.parse(projectFile('package-lock.json'));
  const zod = bom.components.find(({ name }) => name === 'zod');
  const base64 = Buffer.from(zod?.hashes[0]?.content ?? '', 'hex').toString('base64');
  expect(`sha512-${base64}`).toBe(packages['node_modules/zod'].integrity);
});

it('knows who imports whom: everything is reached from the product', () => {
  const reached = new Set<string>([bom.metadata.component['bom-ref']]);
  for (const ref of reached) for (const next of dependsOn(ref)) reached.add(next);
  expect(reached.size).toBe(bom.components.length + 1);
  expect(dependsOn('confluent-api-key-vending@').some((ref) => ref.startsWith('pkg:npm/jose@'))).toBe(true);
  expect(dependsOn('pkg:npm/rhea-promise@').some((ref) => ref.startsWith('pkg:npm/rhea@'))).toBe(true);
});

it('has a serial number that follows from the content', () => {
  expect(packageApp(PROJECT).sbom).toBe(sbom);
  const other = bomSchema.parse(JSON.parse(packageApp(PROJECT, '{"rules": []}').sbom));
  expect(other.serialNumber).not.toBe(bom.serialNumber);
});
