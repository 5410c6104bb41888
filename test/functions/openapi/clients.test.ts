import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { buildOpenApiDocument } from '../../../src/functions/openapi/document.ts';

interface Node {
  readonly [name: string]: unknown;
}

const document = JSON.parse(JSON.stringify(buildOpenApiDocument()));
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/** Every object of the document, with the path to it. Examples hold callers' data and no schemas. */
function nodesOf(node: unknown, path = '#'): (readonly [path: string, node: Node])[] {
  if (!isNode(node)) return [];
  const inner = Object.entries(node).filter(([name]) => !['example', 'examples'].includes(name));
  return [[path, node], ...inner.flatMap(([name, value]) => nodesOf(value, `${path}/${name.replaceAll('/', '~1')}`))];
}

const nodes = nodesOf(document);
const pathsWhere = (holds: (node: Node) => boolean): string[] =>
  nodes.filter(([, node]) => holds(node)).map(([path]) => path);

describe('what generated clients cannot read is not in the document:', () => {
  it.each(['oneOf', 'anyOf', 'allOf', 'not', 'enum', 'discriminator', 'nullable'])('%s', (keyword) => {
    expect(pathsWhere((node) => keyword in node && !('in' in node))).toEqual([]);
  });

  it('a reference with something beside it', () => {
    expect(pathsWhere((node) => '$ref' in node && Object.keys(node).length > 1)).toEqual([]);
  });

  it('a type that may be null', () => {
    expect(pathsWhere(({ type }) => Array.isArray(type))).toEqual([]);
  });

  it('a default, which they would send unasked', () => {
    expect(pathsWhere((node) => 'type' in node && 'default' in node)).toEqual([]);
  });

  it('two schemas for the success of one operation', () => {
    const methods = Object.values<Record<string, { operationId: string; responses: Record<string, Node> }>>(
      document.paths,
    );
    for (const { operationId, responses } of methods.flatMap((each) => Object.values(each))) {
      const successes = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      const schemas = new Set(successes.map(([, response]) => JSON.stringify(schemaOf(response))));
      expect([operationId, schemas.size]).toEqual([operationId, 1]);
    }
  });
});

const schemaOf = ({ content }: Node): unknown =>
  (content as Record<string, Node> | undefined)?.['application/json']?.schema;

describe('the document', () => {
  it('breaks none of the rules that Redocly recommends', async () => {
    const config = await createConfig({ extends: ['recommended'] });
    const problems = await lintFromString({ source: JSON.stringify(document), config });
    expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([]);
  });

  it('describes every operation, parameter and response, and puts operations under a tag', () => {
    const tags = document.tags.map(({ name }: { name: string }) => name);
    const operations = nodes.filter(([, node]) => 'operationId' in node);
    for (const [path, { description, summary, tags: own }] of operations) {
      expect([path, typeof description, typeof summary]).toEqual([path, 'string', 'string']);
      expect(tags).toEqual(expect.arrayContaining(own as string[]));
    }
    expect(pathsWhere((node) => ('in' in node || 'content' in node) && !('description' in node))).toEqual([]);
  });

  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, 'document');
  const pointerOf = (path: string): string => encodeURI(path.slice(1)).replaceAll('%257B', '%7B');

  const resolved = (example: unknown): unknown => {
    const { $ref, value } = example as { $ref?: string; value?: unknown };
    return $ref === undefined ? value : document.components.examples[$ref.split('/').at(-1) ?? ''].value;
  };
  const examples = nodes
    .filter(([, node]) => isNode(node.schema))
    .flatMap(([path, { example, examples: several = {} }]) => [
      ...(example === undefined ? [] : [[path, 'example', example] as const]),
      ...Object.entries(several as Node).map(([name, each]) => [path, name, resolved(each)] as const),
    ]);

  it('has an example for every body of a request or an answer', () => {
    const shown = new Set(examples.map(([path]) => path));
    const media = nodes.filter(([path, node]) => /\/content\/[^/]+$/.test(path) && 'schema' in node);
    expect(media.map(([path]) => path).filter((path) => !shown.has(path))).toEqual([]);
    expect(media.length).toBeGreaterThan(80);
  });

  it('has examples that fit their schemas', () => {
    const faults = examples.flatMap(([path, name, value]) => {
      const validate = ajv.getSchema(`document#${pointerOf(path)}/schema`);
      return validate?.(value) === true ? [] : [[path, name, validate?.errors]];
    });
    expect(faults).toEqual([]);
  });

  it('has a schema for answers that knows every field of the examples', () => {
    const unknown = examples.flatMap(([path, name, value]) => {
      const { $ref } = (nodes.find(([each]) => each === `${path}/schema`)?.[1] ?? {}) as { $ref?: string };
      const known = document.components.schemas[$ref?.split('/').at(-1) ?? '']?.properties;
      const fields = known === undefined || !isNode(value) ? [] : Object.keys(value);
      return fields.filter((field) => !(field in known)).map((field) => `${path} ${name}: ${field}`);
    });
    expect(unknown).toEqual([]);
  });
});
