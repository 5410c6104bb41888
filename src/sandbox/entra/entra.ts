import { type EmulatorCall, serveEmulator } from '../kit/emulator.ts';
import type { FaultPlan } from '../kit/faults.ts';
import type { EmulatorResponse, RunningService } from '../kit/http-service.ts';
import type { Traffic } from '../kit/traffic.ts';
import type { TokenIssuer } from './token-issuer.ts';

export interface EntraOptions {
  readonly tls: { readonly cert: string; readonly key: string };
  readonly faults: FaultPlan;
  readonly traffic?: Traffic | undefined;
  readonly issuer: TokenIssuer;
  readonly port?: number;
}

const AUTHORITY = 'https://login.microsoftonline.com';

/**
 * The part of login.microsoftonline.com that verifies tokens: a tenant's metadata (operation `getConfiguration`) and
 * signing keys (`getKeys`).
 */
export function startEntra({ tls, faults, traffic, issuer, port }: EntraOptions): Promise<RunningService> {
  return serveEmulator({
    service: 'entra',
    faults,
    traffic,
    tls,
    ...(port !== undefined && { port }),
    route: ({ method, rawPath }) => route(issuer, method, rawPath),
  });
}

function route(issuer: TokenIssuer, method: string, path: string): EmulatorCall {
  const [, tenant = '', ...rest] = path.split('/');
  const document = method === 'GET' ? documentAt(rest.join('/'), issuer) : undefined;
  if (document === undefined) return { operation: 'unknown', perform: notEmulated };
  if (tenant.toLowerCase() === issuer.tenantId.toLowerCase()) return document;
  return { operation: document.operation, perform: () => unknownTenant(tenant) };
}

function documentAt(path: string, issuer: TokenIssuer): EmulatorCall | undefined {
  switch (path) {
    case 'discovery/v2.0/keys':
      return { operation: 'getKeys', perform: () => ({ status: 200, body: issuer.jwks }) };
    case 'v2.0/.well-known/openid-configuration':
      return { operation: 'getConfiguration', perform: () => ({ status: 200, body: configuration(issuer) }) };
    default:
      return undefined;
  }
}

const configuration = ({ issuer, tenantId }: TokenIssuer): object => ({
  issuer,
  jwks_uri: `${AUTHORITY}/${tenantId}/discovery/v2.0/keys`,
  authorization_endpoint: `${AUTHORITY}/${tenantId}/oauth2/v2.0/authorize`,
  token_endpoint: `${AUTHORITY}/${tenantId}/oauth2/v2.0/token`,
  response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
  subject_types_supported: ['pairwise'],
  id_token_signing_alg_values_supported: ['RS256'],
});

/** People try to sign in here. */
const notEmulated = (): EmulatorResponse => ({
  status: 404,
  body: {
    error: 'not_emulated',
    error_description: 'The sandbox emulates no sign-in. POST /tokens of its control API issues tokens.',
  },
});

const unknownTenant = (tenant: string): EmulatorResponse => ({
  status: 400,
  body: { error: 'invalid_tenant', error_description: `AADSTS90002: Tenant '${tenant}' not found.` },
});
