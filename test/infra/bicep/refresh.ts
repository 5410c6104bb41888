import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { resourcesOf } from './document.ts';
import type { ObjectShape, PublishedType } from './published-types.ts';
import { bicepFiles, parseBicep } from './syntax.ts';

/*
 * Rewrites types/*.json, the shapes of the resource types that infra/ uses, from Microsoft's own. They serve where there is
 * no Bicep compiler. By hand, and only when infra/ uses a new type or API version:
 *
 *   git clone --depth 1 https://github.com/Azure/bicep-types-az /tmp/bicep-types-az
 *   BICEP_TYPES=/tmp/bicep-types-az/generated node test/infra/bicep/refresh.ts
 *   npx biome check --write test/infra
 */

const reference = z.object({ $ref: z.string() });
const property = z.object({ type: reference, flags: z.number() });
const properties = z.record(z.string(), property);
const knownType = z.discriminatedUnion('$type', [
  z.object({ $type: z.literal('StringType') }),
  z.object({ $type: z.literal('IntegerType') }),
  z.object({ $type: z.literal('BooleanType') }),
  z.object({ $type: z.literal('NullType') }),
  z.object({ $type: z.literal('StringLiteralType'), value: z.string() }),
  z.object({ $type: z.literal('UnionType'), elements: z.array(reference) }),
  z.object({ $type: z.literal('ArrayType'), itemType: reference }),
  z.object({ $type: z.literal('ResourceType'), name: z.string(), body: reference }),
  z.object({
    $type: z.literal('ObjectType'),
    name: z.string(),
    properties,
    additionalProperties: reference.optional(),
  }),
  z.object({
    $type: z.literal('DiscriminatedObjectType'),
    name: z.string(),
    discriminator: z.string(),
    baseProperties: properties,
    elements: z.record(z.string(), reference),
  }),
]);
const indexFile = z.object({ resources: z.record(z.string(), reference) });
type Known = z.infer<typeof knownType>;
type Shaped = Extract<Known, { $type: 'ObjectType' | 'DiscriminatedObjectType' }>;

const REQUIRED = 1;
const READ_ONLY = 2;
/** How far below the body shapes are kept: what lies deeper is `any`. */
const DEPTH = 5;

const at = ({ $ref }: z.infer<typeof reference>): number => Number($ref.split('#/')[1]);

/** The types of one provider's version, and what is kept of them. */
function reader(all: readonly unknown[]) {
  const kept: Record<string, ObjectShape> = {};
  const names = new Map<number, string>();

  const lookUp = (index: number): Known | undefined => knownType.safeParse(all[index]).data;

  function text(index: number, depth: number): string {
    const type = lookUp(index);
    switch (type?.$type) {
      case 'StringType':
        return 'string';
      case 'IntegerType':
        return 'int';
      case 'BooleanType':
        return 'bool';
      case 'NullType':
        return 'null';
      case 'StringLiteralType':
        return `'${type.value}'`;
      case 'ArrayType':
        return `${text(at(type.itemType), depth)}[]`;
      case 'UnionType':
        return union(type.elements.map(at), depth);
      case 'ObjectType':
      case 'DiscriminatedObjectType':
        return depth >= DEPTH ? 'any' : keep(index, type, type.name, depth + 1);
      case 'ResourceType':
      case undefined:
        return 'any';
      default:
        return type satisfies never;
    }
  }

  function union(elements: readonly number[], depth: number): string {
    const parts = elements.map((element) => text(element, depth));
    return parts.every((part) => part === 'string' || part.startsWith("'")) ? parts.join(' | ') : 'any';
  }

  /** Two types of one version may have the same name. */
  function keep(index: number, type: Shaped, name: string, depth: number): string {
    const known = names.get(index);
    if (known !== undefined) return known;
    const unique = name in kept ? `${name}#${index}` : name;
    names.set(index, unique);
    const shape: ObjectShape = { properties: {} };
    kept[unique] = shape;
    if (type.$type === 'ObjectType') {
      shape.properties = convert(type.properties, depth);
      if (type.additionalProperties !== undefined) shape.rest = text(at(type.additionalProperties), depth);
      return unique;
    }
    shape.properties = convert(type.baseProperties, depth);
    shape.by = type.discriminator;
    shape.cases = Object.values(type.elements).map((element) => {
      const found = lookUp(at(element));
      return found?.$type === 'ObjectType' ? convert(found.properties, depth) : {};
    });
    return unique;
  }

  function convert(given: z.infer<typeof properties>, depth: number): Record<string, string> {
    const entries = Object.entries(given).map(([name, { type, flags }]) => {
      const readOnly = (flags & READ_ONLY) !== 0;
      const mark = readOnly ? '=' : (flags & REQUIRED) !== 0 ? '!' : '';
      return [name, `${mark}${text(at(type), readOnly ? DEPTH : depth)}`] as const;
    });
    return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  return { kept, keep, lookUp };
}

type Index = z.infer<typeof indexFile>;

function publishedType(wanted: string, { resources }: Index, folder: string): PublishedType {
  const [name, found] = Object.entries(resources).find(([key]) => key.toLowerCase() === wanted.toLowerCase()) ?? [];
  if (name === undefined || found === undefined) throw new Error(`${wanted} is not published`);
  const all = z
    .array(z.unknown())
    .parse(JSON.parse(readFileSync(join(folder, found.$ref.split('#')[0] ?? ''), 'utf8')));
  const { kept, keep, lookUp } = reader(all);
  const resource = lookUp(at(found));
  const body = resource?.$type === 'ResourceType' ? at(resource.body) : -1;
  const type = lookUp(body);
  if (type?.$type !== 'ObjectType' && type?.$type !== 'DiscriminatedObjectType')
    throw new Error(`${wanted} has no body`);
  keep(body, type, 'body', 0);
  return { type: name, types: kept };
}

const types = join(import.meta.dirname, 'types');
const { BICEP_TYPES } = process.env;
if (BICEP_TYPES === undefined) throw new Error('BICEP_TYPES names no folder');
const used = new Set<string>();
for (const file of bicepFiles()) for (const { type } of resourcesOf(await parseBicep(file.text))) used.add(type);
const index = indexFile.parse(JSON.parse(readFileSync(join(BICEP_TYPES, 'index.json'), 'utf8')));
const written = [...used].map((type) => [type, publishedType(type, index, BICEP_TYPES)] as const);
rmSync(types, { recursive: true });
mkdirSync(types);
for (const [type, published] of written) {
  const file = join(types, `${type.toLowerCase().replaceAll('/', '_')}.json`);
  writeFileSync(file, `${JSON.stringify(published, null, 2)}\n`);
}
