import { badParameter, KeyVaultError } from './errors.ts';

/** The name of a request in the fault plan. */
export type SecretOperation =
  | 'setSecret'
  | 'getSecret'
  | 'listSecrets'
  | 'listVersions'
  | 'updateSecret'
  | 'deleteSecret'
  | 'getDeletedSecret'
  | 'listDeletedSecrets'
  | 'recoverSecret'
  | 'purgeSecret';

/** `name` and `version` are percent-decoded, and empty where the path has none. */
export type SecretRoute =
  | { readonly operation: SecretOperation; readonly name: string; readonly version: string }
  | { readonly operation: 'unknown'; readonly error: KeyVaultError };

const ONE_SECRET = /^\/secrets\/(?<name>[^/]+)$/;
const ONE_VERSION = /^\/secrets\/(?<name>[^/]+)\/(?<version>[^/]+)$/;
const ONE_DELETED = /^\/deletedsecrets\/(?<name>[^/]+)$/;

const ROUTES: readonly (readonly [method: string, path: RegExp, operation: SecretOperation])[] = [
  ['GET', /^\/secrets$/, 'listSecrets'],
  ['GET', /^\/secrets\/(?<name>[^/]+)\/versions$/, 'listVersions'],
  ['GET', /^\/secrets\/(?<name>[^/]+)\/?$/, 'getSecret'],
  ['GET', ONE_VERSION, 'getSecret'],
  ['PUT', ONE_SECRET, 'setSecret'],
  ['DELETE', ONE_SECRET, 'deleteSecret'],
  ['PATCH', ONE_VERSION, 'updateSecret'],
  ['GET', /^\/deletedsecrets$/, 'listDeletedSecrets'],
  ['GET', ONE_DELETED, 'getDeletedSecret'],
  ['DELETE', ONE_DELETED, 'purgeSecret'],
  ['POST', /^\/deletedsecrets\/(?<name>[^/]+)\/recover$/, 'recoverSecret'],
];

/** Operations of the service that the sandbox lacks. A 404 would look like a missing secret. */
const NOT_EMULATED: readonly (readonly [path: RegExp, what: string])[] = [
  [/^\/secrets\/(?:[^/]+\/backup|restore)$/, 'backup and restore'],
  [
    /^\/(?:keys|certificates|deletedkeys|deletedcertificates|storage|rng|restore|backup)(?:\/|$)/,
    'anything but secrets',
  ],
];

const SECRET_NAME = /^[0-9a-zA-Z-]{1,127}$/;

export function routeSecret(method: string, rawPath: string): SecretRoute {
  for (const [routeMethod, path, operation] of ROUTES) {
    const match = routeMethod === method ? path.exec(rawPath) : null;
    if (match === null) continue;
    const name = decode(match.groups?.name ?? '');
    const version = decode(match.groups?.version ?? '');
    const named = match.groups?.name !== undefined;
    if (named && !SECRET_NAME.test(name)) {
      return { operation: 'unknown', error: badParameter(`The request URI contains an invalid name: ${name}`) };
    }
    return { operation, name, version };
  }
  const [, missing] = NOT_EMULATED.find(([path]) => path.test(rawPath)) ?? [];
  if (missing !== undefined) {
    const message = `The sandbox does not emulate ${missing} in a vault.`;
    return { operation: 'unknown', error: new KeyVaultError(501, 'NotImplemented', message) };
  }
  const known = ROUTES.some(([, path]) => path.test(rawPath));
  const error = known
    ? new KeyVaultError(405, 'MethodNotAllowed', `The method ${method} is not allowed on this resource.`)
    : new KeyVaultError(404, 'NotFound', 'The requested resource was not found.');
  return { operation: 'unknown', error };
}

/** A segment that cannot be decoded stays as it is, and is then no legal name. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
