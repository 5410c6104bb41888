import { randomUUID } from 'node:crypto';
import { serveEmulator } from '../kit/emulator.ts';
import type { FaultPlan } from '../kit/faults.ts';
import type { EmulatorRequest, EmulatorResponse } from '../kit/http-service.ts';
import type { Traffic } from '../kit/traffic.ts';
import type { TokenIssuer } from './token-issuer.ts';

/** The user-assigned managed identity of the sandbox's function app. */
export interface ManagedIdentity {
  readonly clientId: string;
  /** Object id of its service principal: the `oid` of its tokens. */
  readonly principalId: string;
}

export interface IdentityEndpointOptions {
  readonly faults: FaultPlan;
  readonly traffic?: Traffic | undefined;
  readonly issuer: TokenIssuer;
  readonly identity: ManagedIdentity;
  readonly port?: number;
}

export interface IdentityEndpoint {
  readonly port: number;
  /** For `IDENTITY_ENDPOINT`. */
  readonly endpoint: string;
  /** For `IDENTITY_HEADER`: a fresh one for each start. */
  readonly header: string;
  close(): Promise<void>;
}

const PATH = '/msi/token';

/** The differences between the endpoint's versions. Clients that know `MSI_ENDPOINT` use the older one. */
interface Version {
  readonly header: string;
  readonly clientId: string;
  /** The end of a token, from seconds since the epoch. */
  expiresOn(seconds: number): string;
}

const VERSIONS: ReadonlyMap<string | null, Version> = new Map([
  ['2019-08-01', { header: 'X-IDENTITY-HEADER', clientId: 'client_id', expiresOn: String }],
  ['2017-09-01', { header: 'Secret', clientId: 'clientid', expiresOn: asDate }],
]);

/** `06/20/2019 02:57:58 +00:00` */
function asDate(seconds: number): string {
  const [date = '', time = ''] = new Date(seconds * 1000).toISOString().split(/[T.]/);
  return `${date.slice(5, 7)}/${date.slice(8)}/${date.slice(0, 4)} ${time} +00:00`;
}

/** App Service's managed identity endpoint (operation `token`), over plain HTTP as there. */
export async function startIdentityEndpoint(options: IdentityEndpointOptions): Promise<IdentityEndpoint> {
  const header = randomUUID();
  const service = await serveEmulator({
    service: 'identity',
    faults: options.faults,
    traffic: options.traffic,
    ...(options.port !== undefined && { port: options.port }),
    route: (request) =>
      request.rawPath === PATH
        ? { operation: 'token', perform: () => perform(request, header, options) }
        : { operation: 'unknown', perform: () => refusal(404, 'Not found.') },
  });
  return { ...service, endpoint: `http://127.0.0.1:${service.port}${PATH}`, header };
}

async function perform(
  request: EmulatorRequest,
  header: string,
  options: IdentityEndpointOptions,
): Promise<EmulatorResponse> {
  const { method, query, headers } = request;
  if (method !== 'GET') return refusal(405, 'The request method must be GET.');
  const version = VERSIONS.get(query.get('api-version'));
  if (version === undefined) return refusal(400, `The api-version must be ${[...VERSIONS.keys()].join(' or ')}.`);
  if (headers[version.header.toLowerCase()] !== header)
    return refusal(401, `The header ${version.header} is missing or wrong.`);
  if (!query.get('resource')) return refusal(400, 'The resource parameter is missing.');
  if (!names(query, version, options.identity)) {
    return refusal(
      400,
      'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.',
    );
  }
  return answer(request, version, options);
}

/** True if the query names no other identity. It has no resource id to be found by. */
function names(query: URLSearchParams, version: Version, { clientId, principalId }: ManagedIdentity): boolean {
  const asked: readonly [string, string | undefined][] = [
    [version.clientId, clientId],
    ['object_id', principalId],
    ['principal_id', principalId],
    ['mi_res_id', undefined],
  ];
  return asked.every(([name, own]) => !query.has(name) || query.get(name)?.toLowerCase() === own?.toLowerCase());
}

async function answer(
  { query }: EmulatorRequest,
  version: Version,
  { issuer, identity }: IdentityEndpointOptions,
): Promise<EmulatorResponse> {
  const resource = query.get('resource') ?? '';
  const { clientId, principalId } = identity;
  const { token, expiresOn } = await issuer.issueResourceToken({ resource, oid: principalId, appid: clientId });
  const body = {
    access_token: token,
    expires_on: version.expiresOn(expiresOn),
    resource,
    token_type: 'Bearer',
    client_id: clientId,
  };
  return { status: 200, body };
}

const refusal = (statusCode: number, message: string): EmulatorResponse => ({
  status: statusCode,
  body: { statusCode, message, correlationId: randomUUID() },
});
