import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { resourcesOf } from './document.ts';
import type { ObjectShape, Snapshot } from './snapshot.ts';
import { bicepFiles, parseBicep } from './syntax.ts';

/*
 * Rewrites types/*.json, the shapes of the resource types that infra/ uses, from the official Bicep types that Azure's
 * MCP server embeds. By hand, on Linux, and only when infra/ uses a new type or API version:
 *
 *   npm install --prefix /tmp/azmcp @azure/mcp-linux-x64@2.0.5
 *   AZMCP=/tmp/azmcp/node_modules/@azure/mcp-linux-x64/dist/azmcp node test/infra/bicep/refresh.ts
 *   npx biome check --write test/infra
 *
 * It does not know Microsoft.Insights' alerts and diagnostic settings, nor private DNS zones: those files were written by
 * hand from generated/…/types.md of github.com/Azure/bicep-types-az, and are left as they are.
 */

const property = z.object({ name: z.string(), type: z.string(), flags: z.string().optional() });
const objectType = z.object({
  $type: z.literal('Object'),
  name: z.string(),
  properties: z.array(property),
  additionalPropertiesType: z.string().nullish(),
});
const discriminated = z.object({
  $type: z.literal('DiscriminatedObject'),
  name: z.string(),
  discriminator: z.string(),
  baseProperties: z.array(property),
  elements: z.array(z.object({ properties: z.array(property) })),
});
const body = z.union([objectType.extend({ name: z.string().default('body') }), discriminated]);
const resource = z.object({ $type: z.literal('Resource'), name: z.string(), bodyType: body });
const answer = z.object({
  results: z.object({
    BicepSchemaResult: z.array(z.union([objectType, discriminated, resource, z.object({ $type: z.string() })])),
  }),
});
type Property = z.infer<typeof property>;
type Named = z.infer<typeof objectType> | z.infer<typeof discriminated>;

/** How far below the body shapes are kept: what lies deeper is `any`. */
const DEPTH = 5;
const PRIMITIVES = ['string', 'int', 'bool', 'any', 'null'];

function ask(azmcp: string, type: string): unknown {
  const env = { ...process.env, AZURE_MCP_COLLECT_TELEMETRY: 'false' };
  const given = ['bicepschema', 'get', '--resource-type', type];
  return JSON.parse(
    execFileSync(azmcp, given, { env, maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] }).toString(),
  );
}

function snapshotOf(wanted: string, azmcp: string): Snapshot {
  const [type = ''] = wanted.split('@');
  const found = answer.parse(ask(azmcp, type)).results.BicepSchemaResult;
  const named = new Map<string, Named>();
  for (const item of found) if ('properties' in item || 'elements' in item) named.set(item.name, item);
  const root = found.find((item) => 'bodyType' in item && item.name.toLowerCase() === wanted.toLowerCase());
  if (root === undefined || !('bodyType' in root)) throw new Error(`azmcp has another version of ${wanted}`);
  const types: Types = {};
  keep({ ...root.bodyType, name: 'body' }, named, types, 0);
  return { type: root.name, source: 'azmcp 2.0.5', types };
}

type Types = Record<string, ObjectShape>;

function convert(properties: readonly Property[], named: Map<string, Named>, types: Types, depth: number) {
  return Object.fromEntries(
    properties.map(({ name, type, flags = '' }) => {
      const mark = flags.includes('ReadOnly') ? '=' : flags.includes('Required') ? '!' : '';
      return [name, `${mark}${typeText(type, named, types, mark === '=' ? DEPTH : depth)}`];
    }),
  );
}

function typeText(type: string, named: Map<string, Named>, types: Types, depth: number): string {
  if (type.endsWith('[]')) return `${typeText(type.slice(0, -2), named, types, depth)}[]`;
  if (PRIMITIVES.includes(type)) return type;
  const target = named.get(type);
  if (target === undefined) {
    return type
      .split(' | ')
      .map((part) => (PRIMITIVES.includes(part) ? part : `'${part}'`))
      .join(' | ');
  }
  if (depth >= DEPTH) return 'any';
  keep(target, named, types, depth + 1);
  return type;
}

function keep(target: Named, named: Map<string, Named>, types: Types, depth: number): void {
  if (target.name in types) return;
  const shape: ObjectShape = { properties: {} };
  types[target.name] = shape;
  if (target.$type === 'Object') {
    shape.properties = convert(target.properties, named, types, depth);
    const { additionalPropertiesType: rest } = target;
    if (rest !== undefined && rest !== null) shape.rest = typeText(rest, named, types, depth);
    return;
  }
  shape.properties = convert(target.baseProperties, named, types, depth);
  shape.by = target.discriminator;
  shape.cases = target.elements.map(({ properties }) => convert(properties, named, types, depth));
}

const folder = `${import.meta.dirname}/types`;
const byHand = readdirSync(folder).filter((file) => !readFileSync(`${folder}/${file}`, 'utf8').includes('azmcp'));
const used = new Set<string>();
for (const file of bicepFiles()) for (const { type } of resourcesOf(await parseBicep(file.text))) used.add(type);
for (const type of used) {
  const file = `${type.toLowerCase().replaceAll('/', '_')}.json`;
  if (byHand.includes(file)) continue;
  writeFileSync(`${folder}/${file}`, `${JSON.stringify(snapshotOf(type, process.env.AZMCP ?? 'azmcp'), null, 2)}\n`);
}
