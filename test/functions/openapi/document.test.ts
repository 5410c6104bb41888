import { HttpRequest, InvocationContext } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { openApi } from '../../../src/functions/http/openapi.ts';
import { buildOpenApiDocument } from '../../../src/functions/openapi/document.ts';
import { requestExample, vendedExample } from '../../../src/functions/openapi/examples.ts';
import { HEALTH_ROUTES, ROUTES } from '../../../src/functions/routes.ts';
import { credentialAnswerSchema } from '../../../src/vending/answers/credential.ts';
import { problemTypeUri } from '../../../src/vending/answers/problem.ts';
import { credentialIdOf } from '../../../src/vending/model/idempotency.ts';
import { PROBLEMS, type ProblemType } from '../../../src/vending/model/problems.ts';
import { parseRequest } from '../../../src/vending/request/request.ts';
import { defaultSecretName } from '../../../src/vending/secret/naming.ts';

const document = JSON.parse(JSON.stringify(buildOpenApiDocument()));
const operations = (
  Object.entries(document.paths) as [
    string,
    Record<string, { operationId: string; responses: Record<string, object> }>,
  ][]
).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })));
const post = document.paths['/v1/credentials'].post;

/** Every value of a key, anywhere below. */
function valuesOf(node: unknown, key: string): unknown[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) => (name === key ? [value] : valuesOf(value, key)));
}

/** The problem types that a response of the document shows. */
const typesOf = (response: object | undefined): unknown[] =>
  (valuesOf(response ?? {}, 'examples') as Record<string, { $ref?: string }>[]).flatMap((examples) =>
    Object.values(examples).map(({ $ref }) => document.components.examples[$ref?.split('/').at(-1) ?? '']?.value.type),
  );

it('is what the function serves, to everybody alike', async () => {
  const serve = openApi();
  const ask = () => serve(new HttpRequest({ method: 'GET', url: 'http://localhost/' }), new InvocationContext());
  for (const answer of [await ask(), await ask()])
    expect(JSON.parse(JSON.stringify(answer))).toMatchObject({ status: 200, jsonBody: document });
});

describe('the OpenAPI document', () => {
  it('describes every route', () => {
    expect(document.openapi).toBe('3.1.0');
    const described = operations.map(({ operationId, method, path }) => [operationId, method.toUpperCase(), path]);
    const routes = [...ROUTES, ...HEALTH_ROUTES].map(({ name, method, route }) => [name, method, `/${route}`]);
    expect(described).toHaveLength(routes.length);
    expect(described).toEqual(expect.arrayContaining(routes));
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });

  it('has no reference that leads nowhere', () => {
    const references = valuesOf(document, '$ref') as string[];
    expect(references.length).toBeGreaterThan(20);
    for (const reference of references) {
      expect(reference).toMatch(/^#\/components\//);
      const found = reference
        .slice(2)
        .split('/')
        .reduce((node, name) => node?.[name], document);
      expect(found, reference).toBeTypeOf('object');
    }
  });

  it('has no component that nothing refers to', () => {
    const references = new Set(valuesOf(document, '$ref'));
    const { securitySchemes: _, ...groups } = document.components;
    for (const [group, members] of Object.entries(groups)) {
      for (const name of Object.keys(members as object)) expect(references).toContain(`#/components/${group}/${name}`);
    }
  });

  it('asks for a bearer token wherever keys are concerned, and nowhere else', () => {
    expect(document.security).toEqual([{ bearer: [] }]);
    expect(document.components.securitySchemes.bearer).toMatchObject({ type: 'http', scheme: 'bearer' });
    const anonymous = [...operations].filter((operation) => 'security' in operation).map(({ path }) => path);
    expect(anonymous).toEqual(['/v1/events', '/v1/openapi.json', '/health/live', '/health/ready']);
  });

  it('takes its request from the schema that judges requests', () => {
    const schema = document.components.schemas.VendRequest;
    expect(schema.additionalProperties).toBe(false);
    expect(schema.required).toEqual(['environmentId', 'clusterId', 'name']);
    expect(schema.properties.name).toMatchObject({ type: 'string', minLength: 1, maxLength: 64 });
    expect(schema.properties.secretFormat).toMatchObject({ pattern: '^(?:secret|json|jaas|basic-auth)$' });
    expect(valuesOf(document, 'readOnly')).toEqual([]);
  });

  it('publishes only patterns that compile', () => {
    const patterns = valuesOf(document, 'pattern') as string[];
    expect(patterns.length).toBeGreaterThan(8);
    for (const pattern of patterns) expect(() => new RegExp(pattern, 'u')).not.toThrow();
  });

  it('shows a vend that the service would take, and answer like this', () => {
    expect(parseRequest(requestExample)).toStrictEqual({ kind: 'valid', value: requestExample });
    expect(credentialAnswerSchema.parse(vendedExample)).toStrictEqual(vendedExample);
    const { id, target, secret } = vendedExample;
    expect(id).toHaveLength(credentialIdOf('a', { kind: 'key', key: 'b' }).length);
    expect(secret.name).toBe(defaultSecretName(target.clusterId, requestExample.name, id));
    expect(post.requestBody.content['application/json'].examples.published.value).toEqual(requestExample);
  });

  it('lists every problem that HTTP can answer with, under its status', () => {
    for (const [type, { status }] of Object.entries(PROBLEMS)) {
      const answers = operations.flatMap(({ responses }) => typesOf(responses[status]));
      const uri = problemTypeUri(type as ProblemType);
      if (type === 'reply-not-allowed' || type === 'expired') expect(answers).not.toContain(uri);
      else expect(answers).toContain(uri);
    }
  });

  it('leaves room in answers for fields of later versions', () => {
    const { schemas } = document.components;
    for (const name of ['Credential', 'CredentialPage', 'KeyView', 'Target', 'Problem'])
      expect([name, valuesOf(schemas[name], 'additionalProperties')]).toEqual([name, []]);
  });

  it('says what a revocation answers while it is under way', () => {
    const { responses } = document.paths['/v1/credentials/{id}'].delete;
    expect(responses[202].headers).toHaveProperty('Retry-After');
  });

  it('says what to do where the host answers, and of bodies sent in chunks', () => {
    for (const { operationId, responses } of operations.filter(({ responses: each }) => '401' in each))
      expect([operationId, 'default' in responses]).toEqual([operationId, true]);
    expect(document.components.responses.OfTheHost.description).toMatch(/same idempotency key/);
    for (const { requestBody } of [post, document.paths['/v1/credentials/{id}/rotate'].post])
      expect(requestBody.description).toContain('Content-Length');
    expect(document.paths['/v1/credentials/{id}/rotate'].post.requestBody.required).toBe(false);
  });

  it('names the headers of a vend', () => {
    expect(Object.keys(post.responses[201].headers)).toEqual(['Cache-Control', 'Location']);
    expect(Object.keys(post.responses[200].headers)).toEqual(['Cache-Control', 'Location', 'Idempotency-Replayed']);
    for (const status of [409, 503]) expect(post.responses[status].headers).toHaveProperty('Retry-After');
    for (const status of [400, 422, 502]) expect(post.responses[status].headers).not.toHaveProperty('Retry-After');
    expect(post.responses[401].headers).toHaveProperty('WWW-Authenticate');
  });
});
