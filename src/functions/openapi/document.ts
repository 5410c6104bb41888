import { HEALTH_ROUTES, ROUTES, type RouteName } from '../routes.ts';
import { components } from './components.ts';
import { endOverlap, getCredential, listCredentials, revokeCredential, rotateKey, vendKey } from './credentials.ts';
import { agreeToEvents, receiveEvents } from './events.ts';
import { json } from './json-content.ts';
import { beginBulk, controlBulk, findKey, getBulk, listOpenCredentials, resolveCredential } from './operators.ts';

const OPERATIONS: Readonly<Record<RouteName, () => object>> = {
  vendKey,
  listCredentials,
  getCredential,
  revokeCredential,
  rotateKey,
  endOverlap,
  receiveEvents,
  agreeToEvents,
  listOpenCredentials,
  beginBulk,
  getBulk,
  controlBulk,
  findKey,
  resolveCredential,
  openapi: () => anonymous('This document.', { 200: json('OpenAPI 3.1.', { type: 'object' }) }),
  live: () => anonymous('Whether the process lives.', { 200: json('It does.', statusOf('live')) }),
  ready: () => anonymous('Whether keys can be vended now. Up to 10 seconds old.', readiness()),
};

/** The OpenAPI 3.1 description of the HTTP interface, from the schemas that requests and answers are parsed with. */
export function buildOpenApiDocument(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const { name, method, route } of [...ROUTES, ...HEALTH_ROUTES]) {
    const path = `/${route}`;
    paths[path] = { ...paths[path], [method.toLowerCase()]: { operationId: name, ...OPERATIONS[name]() } };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Confluent API key vending',
      version: '0.2.0',
      summary: 'Mints a Confluent API key, stores its secret in Key Vault, answers with a reference.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/api' }],
    security: [{ bearer: [] }],
    paths,
    components: components(),
  };
}

const anonymous = (summary: string, responses: object): object => ({ summary, security: [], responses });

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
