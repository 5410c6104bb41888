import { VERSION } from '../../vending/model/version.ts';
import { HEALTH_ROUTES, ROUTES, type RouteName } from '../routes.ts';
import { components } from './components.ts';
import { endOverlap, getCredential, listCredentials, revokeCredential, rotateKey, vendKey } from './credentials.ts';
import { agreeToEvents, receiveEvents } from './events.ts';
import { json, schemaRef } from './json-content.ts';
import {
  beginBulk,
  controlBulk,
  findKey,
  getBulk,
  listOpenCredentials,
  recoverLedger,
  resolveCredential,
} from './operators.ts';

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
  recoverLedger,
  findKey,
  resolveCredential,
  openapi: () =>
    anonymous('Read this document', 'OpenAPI 3.1.', {
      200: json('The document.', { type: 'object' }, { start: { openapi: '3.1.0' } }),
    }),
  live: () =>
    anonymous('Ask whether the process lives', 'For load balancers.', {
      200: json('It does.', schemaRef('ServiceStatus'), { live: { status: 'live' } }),
    }),
  ready: () =>
    anonymous('Ask whether keys can be vended now', 'The answer is up to 10 seconds old.', {
      200: json('They can.', schemaRef('ServiceStatus'), { ready: { status: 'ready', version: VERSION } }),
      503: json('They cannot.', schemaRef('ServiceStatus'), {
        'not-ready': { status: 'not-ready', version: VERSION, failing: ['vault'] },
      }),
    }),
};

/** A route has the first tag whose prefix its path begins with. */
const TAGS = [
  { prefix: 'v1/credentials', name: 'Credentials', description: 'Vend, read, rotate and revoke. For callers.' },
  {
    prefix: 'v1/operations',
    name: 'Operations',
    description: 'Incidents and many credentials at once. For operators.',
  },
  { prefix: 'v1/events', name: 'Events', description: 'Webhooks for Event Grid and CloudEvents.' },
  { prefix: '', name: 'Service', description: 'The service itself. Without a token.' },
] as const;

/** The OpenAPI 3.1 description of the HTTP interface, from the schemas that requests and answers are parsed with. */
export function buildOpenApiDocument(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const { name, method, route } of [...ROUTES, ...HEALTH_ROUTES]) {
    const path = `/${route}`;
    const tags = TAGS.filter(({ prefix }) => route.startsWith(prefix)).map((tag) => tag.name);
    const operation = { operationId: name, tags: tags.slice(0, 1), ...OPERATIONS[name]() };
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Confluent API key vending',
      version: VERSION,
      summary: 'Mints a Confluent API key, stores its secret in Key Vault, answers with a reference.',
      description:
        'One credential has one id for life, one secret in one vault, and at most two living keys. No answer holds a secret. Lists of values may grow: treat an unknown `status` or problem `type` as one that you do not handle.',
      contact: { name: 'The operators of this deployment' },
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/api' }],
    tags: TAGS.map(({ name, description }) => ({ name, description })),
    security: [{ bearer: [] }],
    paths,
    components: components(),
  };
}

const anonymous = (summary: string, description: string, responses: object): object => ({
  summary,
  description,
  security: [],
  responses: { ...responses, 403: { $ref: '#/components/responses/OfTheNetwork' } },
});
