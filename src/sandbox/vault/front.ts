import { randomUUID } from 'node:crypto';
import type { BearerVerifier } from '../kit/bearer.ts';
import type { EmulatorCall } from '../kit/emulator.ts';
import type { EmulatorRequest, EmulatorResponse } from '../kit/http-service.ts';
import { authenticate, authorize, challenge, missingToken, type RoleAssignments } from './access.ts';
import { badParameter, KeyVaultError } from './errors.ts';
import { performOperation } from './operations.ts';
import { routeSecret, type SecretRoute } from './routes.ts';
import type { SecretStore } from './secret-store.ts';

export interface Vault {
  /** Lower case. */
  readonly name: string;
  readonly store: SecretStore;
}

export interface FrontOptions extends RoleAssignments {
  readonly verifier: BearerVerifier;
  readonly tenantId: string;
}

const API_VERSIONS: readonly string[] = ['7.0', '7.1', '7.2', '7.3', '7.4', '7.5', '7.6', '2025-07-01', '2026-04-01'];
const LATEST_API_VERSION = '2026-04-01';
const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost'];

/** Returns the handler of a request. Nothing is verified before the handler runs. */
export function routeCall(front: FrontOptions, vaults: readonly Vault[], request: EmulatorRequest): EmulatorCall {
  return withServiceHeaders(recognise(front, vaults, request));
}

function recognise(front: FrontOptions, vaults: readonly Vault[], request: EmulatorRequest): EmulatorCall {
  const vault = vaultOf(vaults, request.host);
  if (vault === undefined) return { operation: 'unknown', perform: misdirected };
  if (request.headers.authorization === undefined) {
    return { operation: 'challenge', perform: () => missingToken(front.tenantId) };
  }
  const route = routeSecret(request.method, request.rawPath);
  return { operation: route.operation, perform: () => answer(front, vault, route, request) };
}

/** A vault that does not exist has no address. A 404 here would read as "no such secret". */
const misdirected = (): EmulatorResponse =>
  new KeyVaultError(421, 'VaultNotFound', 'No vault of this sandbox has the host name asked for.').toResponse();

async function answer(
  front: FrontOptions,
  vault: Vault,
  route: SecretRoute,
  request: EmulatorRequest,
): Promise<EmulatorResponse> {
  try {
    const claims = await authenticate(front.verifier, request);
    requireApiVersion(request.query.get('api-version'));
    if (route.operation === 'unknown') throw route.error;
    authorize(front, claims, route.operation, { vault: vault.name, name: route.name });
    const facts = { origin: originOf(vault, request), retentionDays: vault.store.retentionDays };
    return performOperation(vault.store, { ...route, request, facts });
  } catch (error) {
    if (!(error instanceof KeyVaultError)) throw error;
    const headers = error.status === 401 ? challenge(front.tenantId) : {};
    return { ...error.toResponse(), headers };
  }
}

function requireApiVersion(version: string | null): void {
  if (version === null) throw badParameter('api-version must be specified');
  if (API_VERSIONS.includes(version)) return;
  throw badParameter(
    `The specified version (${version}) is not recognized. Consider using the latest supported version (${LATEST_API_VERSION}).`,
  );
}

/** The vault that a host name stands for. */
export function vaultOf(vaults: readonly Vault[], host: string): Vault | undefined {
  if (LOOPBACK.includes(host)) return vaults[0];
  return vaults.find((vault) => host === `${vault.name}.vault.azure.net`);
}

function originOf(vault: Vault, request: EmulatorRequest): string {
  return LOOPBACK.includes(request.host) ? `https://${request.headers.host}` : `https://${vault.name}.vault.azure.net`;
}

export const serviceHeaders = (): Readonly<Record<string, string>> => ({
  'cache-control': 'no-cache',
  'x-content-type-options': 'nosniff',
  'x-ms-keyvault-region': 'westeurope',
  'x-ms-keyvault-service-version': '1.9.2500.1',
  'x-ms-request-id': randomUUID(),
});

const withServiceHeaders = (call: EmulatorCall): EmulatorCall => ({
  operation: call.operation,
  perform: async (fault) => {
    const response = await call.perform(fault);
    return { ...response, headers: { ...serviceHeaders(), ...response.headers } };
  },
});
