import type { HttpMethod } from '@azure/functions';

interface Route {
  /** Of the function. Logs and alerts know the route by it. */
  readonly name: string;
  readonly method: HttpMethod;
  /** Below `/api/`. */
  readonly route: string;
}

/** Registered before the configuration is read: the worker reports a failing start only if there is a function by then. */
export const HEALTH_ROUTES = [
  { name: 'live', method: 'GET', route: 'health/live' },
  { name: 'ready', method: 'GET', route: 'health/ready' },
] as const satisfies readonly Route[];

export const ROUTES = [
  { name: 'vendKey', method: 'POST', route: 'v1/credentials' },
  { name: 'listCredentials', method: 'GET', route: 'v1/credentials' },
  { name: 'getCredential', method: 'GET', route: 'v1/credentials/{id}' },
  { name: 'revokeCredential', method: 'DELETE', route: 'v1/credentials/{id}' },
  { name: 'rotateKey', method: 'POST', route: 'v1/credentials/{id}/rotate' },
  { name: 'endOverlap', method: 'POST', route: 'v1/credentials/{id}/end-overlap' },
  { name: 'receiveEvents', method: 'POST', route: 'v1/events' },
  { name: 'agreeToEvents', method: 'OPTIONS', route: 'v1/events' },
  { name: 'listOpenCredentials', method: 'GET', route: 'v1/operations/credentials' },
  { name: 'beginBulk', method: 'POST', route: 'v1/operations/bulk' },
  { name: 'getBulk', method: 'GET', route: 'v1/operations/bulk/{id}' },
  { name: 'controlBulk', method: 'POST', route: 'v1/operations/bulk/{id}' },
  { name: 'recoverLedger', method: 'POST', route: 'v1/operations/recover' },
  { name: 'findKey', method: 'GET', route: 'v1/operations/keys/{apiKeyId}' },
  { name: 'resolveCredential', method: 'POST', route: 'v1/operations/credentials/{id}/resolve' },
  { name: 'openapi', method: 'GET', route: 'v1/openapi.json' },
] as const satisfies readonly Route[];

export type HttpRoute = (typeof HEALTH_ROUTES)[number] | (typeof ROUTES)[number];
export type RouteName = HttpRoute['name'];
