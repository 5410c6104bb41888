import { listQuerySchema } from '../http/operations.ts';
import { agreeToEvents, receiveEvents, revokeKey, rotateKey } from './change-operations.ts';
import { components, jsonSchema } from './components.ts';
import { requestExample, resultExample } from './examples.ts';
import { json } from './json-content.ts';
import { problemResponses } from './problem-responses.ts';

/** The OpenAPI 3.1 description of the HTTP interface, from the same schemas that judge requests. */
export function buildOpenApiDocument(): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Confluent API key vending',
      version: '1.0.0',
      summary: 'Mints a Confluent API key, stores its secret in Key Vault, answers with a reference.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/api' }],
    security: [{ bearer: [] }],
    paths: {
      '/v1/api-keys': { post: vendKey() },
      '/v1/api-keys/{requestId}': { get: getRequest(), delete: revokeKey() },
      '/v1/api-keys/{requestId}/rotate': { post: rotateKey() },
      '/v1/events': { post: receiveEvents(), options: agreeToEvents() },
      '/v1/operations/intents': { get: listIntents() },
      '/v1/operations/intents/{requestId}/resolve': { post: resolveIntent() },
      '/v1/openapi.json': {
        get: anonymous('openapi', 'This document.', { 200: json('OpenAPI 3.1.', { type: 'object' }) }),
      },
      '/health/live': {
        get: anonymous('live', 'Whether the process lives.', { 200: json('It does.', statusOf('live')) }),
      },
      '/health/ready': {
        get: anonymous('ready', 'Whether keys can be vended now; up to 10 seconds old.', readiness()),
      },
    },
    components: components(),
  };
}

function vendKey(): object {
  const replay = { 'Idempotency-Replayed': { $ref: '#/components/headers/IdempotencyReplayed' } };
  const location = { Location: { $ref: '#/components/headers/Location' } };
  return {
    operationId: 'vend-key',
    summary: 'Vend one API key.',
    parameters: [{ $ref: '#/components/parameters/IdempotencyKey' }],
    requestBody: {
      required: true,
      description: 'At most 16 KiB.',
      content: {
        'application/json': {
          schema: { $ref: '#/components/schemas/VendRequest' },
          examples: { published: { summary: 'A key for one cluster', value: requestExample } },
        },
      },
    },
    responses: {
      201: vended('The key was minted and its secret is in the vault.', location),
      200: json('The same, of an earlier request with this idempotency key; or what would happen.', resultOrPreview, {
        headers: { ...location, ...replay },
        examples: { vended: { value: resultExample } },
      }),
      ...problemResponses('vend-key'),
    },
  };
}

const resultOrPreview = {
  oneOf: [{ $ref: '#/components/schemas/VendResult' }, { $ref: '#/components/schemas/Preview' }],
};

function vended(description: string, headers: object): object {
  const schema = { $ref: '#/components/schemas/VendResult' };
  return json(description, schema, { headers, examples: { vended: { value: resultExample } } });
}

function getRequest(): object {
  const either = [{ $ref: '#/components/schemas/VendResult' }, { $ref: '#/components/schemas/RequestStatus' }];
  return {
    operationId: 'get-request',
    summary: 'What became of a request; for its own caller and for operators.',
    parameters: [{ $ref: '#/components/parameters/RequestId' }],
    responses: {
      200: json('The result, or how far the request has come.', { oneOf: either }),
      ...problemResponses('get-request'),
    },
  };
}

function listIntents(): object {
  const { shape } = listQuerySchema;
  const parameters = Object.entries(shape).map(([name, schema]) => ({
    name,
    in: 'query',
    required: name === 'state',
    schema: jsonSchema(schema),
  }));
  return {
    operationId: 'list-intents',
    summary: 'Open requests in one state, oldest due first; for operators.',
    parameters,
    responses: {
      200: json('One page.', { $ref: '#/components/schemas/IntentPage' }),
      ...problemResponses('list-intents'),
    },
  };
}

function resolveIntent(): object {
  return {
    operationId: 'resolve-intent',
    summary: 'Close a request of which it is unknown whether a key lives; for operators.',
    parameters: [{ $ref: '#/components/parameters/RequestId' }],
    requestBody: {
      required: true,
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Resolve' } } },
    },
    responses: {
      200: json('How the request stands now; or what would be done.', {
        oneOf: [{ $ref: '#/components/schemas/OperatorView' }, { $ref: '#/components/schemas/Preview' }],
      }),
      ...problemResponses('resolve-intent'),
    },
  };
}

function anonymous(operationId: string, summary: string, responses: object): object {
  return { operationId, summary, security: [], responses };
}

function readiness(): object {
  const failing = { type: 'array', items: { enum: ['token', 'vault', 'ledger'] } };
  return {
    200: json('They can.', statusOf('ready')),
    503: json('They cannot.', statusOf('not-ready', { failing })),
  };
}

function statusOf(status: string, more: object = {}): object {
  return {
    type: 'object',
    properties: { status: { const: status }, ...more },
    required: ['status', ...Object.keys(more)],
  };
}
