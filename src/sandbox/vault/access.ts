import type { BearerClaims, BearerVerdict, BearerVerifier } from '../kit/bearer.ts';
import type { EmulatorRequest, EmulatorResponse } from '../kit/http-service.ts';
import { KeyVaultError } from './errors.ts';
import type { SecretOperation } from './routes.ts';

const RESOURCE = 'https://vault.azure.net';

/** Data actions of `Microsoft.KeyVault/vaults/secrets`, and the REST operations that each of them stands for. */
const ACTIONS = {
  setSecret: 'setSecret/action',
  getSecret: 'getSecret/action',
  listSecrets: 'readMetadata/action',
  listVersions: 'readMetadata/action',
  updateSecret: 'update/action',
  deleteSecret: 'delete',
  getDeletedSecret: 'readMetadata/action',
  listDeletedSecrets: 'readMetadata/action',
  recoverSecret: 'recover/action',
  purgeSecret: 'purge/action',
} as const satisfies Record<SecretOperation, string>;

type Action = (typeof ACTIONS)[SecretOperation];

export interface RoleAssignments {
  /** May set, update and read metadata: never a value, never delete, purge or recover. */
  readonly writerOid: string;
  /** May read values and metadata, like Key Vault Secrets User. */
  readonly readerOids?: readonly string[];
  /** May do everything, like Key Vault Secrets Officer. */
  readonly officerOids?: readonly string[];
}

const WRITER: readonly Action[] = ['setSecret/action', 'update/action', 'readMetadata/action'];
const READER: readonly Action[] = ['getSecret/action', 'readMetadata/action'];

/** @throws KeyVaultError 401; the caller adds {@link challenge} to the answer. */
export async function authenticate(verifier: BearerVerifier, request: EmulatorRequest): Promise<BearerClaims> {
  const verdict = await verifier.verify(request.headers.authorization, [RESOURCE]);
  if (verdict.kind === 'valid') return verdict.claims;
  throw unauthorized(verdict);
}

/** The header that tells a client which tenant to ask for a token, and for which resource. */
export const challenge = (tenantId: string): Readonly<Record<string, string>> => ({
  'www-authenticate': `Bearer authorization="https://login.microsoftonline.com/${tenantId}", resource="${RESOURCE}"`,
});

export function missingToken(tenantId: string): EmulatorResponse {
  return { ...unauthorized({ kind: 'missing' }).toResponse(), headers: challenge(tenantId) };
}

function unauthorized(verdict: Exclude<BearerVerdict, { kind: 'valid' }>): KeyVaultError {
  const reason = verdict.kind === 'missing' ? 'missing' : verdict.reason;
  const messages: Record<typeof reason, string> = {
    missing: 'AKV10000: Request is missing a Bearer or PoP token.',
    malformed: 'AKV10001: The token is not a well-formed JSON web token.',
    signature: 'AKV10046: Unable to resolve the key used for signature validation.',
    issuer: 'AKV10032: Invalid issuer.',
    audience: `AKV10022: Invalid audience. Expected ${RESOURCE}.`,
    expired: 'Error validating token: IDX10223: Lifetime validation failed. The token is expired.',
  };
  return new KeyVaultError(401, 'Unauthorized', messages[reason]);
}

/** @throws KeyVaultError 403 ForbiddenByRbac */
export function authorize(
  roles: RoleAssignments,
  claims: BearerClaims,
  operation: SecretOperation,
  resource: { readonly vault: string; readonly name: string },
): void {
  const action = ACTIONS[operation];
  if (allowed(roles, claims.oid, action)) return;
  const secret = resource.name === '' ? '' : `/secrets/${resource.name.toLowerCase()}`;
  const lines = [
    'Caller is not authorized to perform action on resource.',
    'If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.',
    `Caller: appid=${claims.appid ?? ''};oid=${claims.oid};iss=${claims.iss}`,
    `Action: 'Microsoft.KeyVault/vaults/secrets/${action}'`,
    `Resource: '/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/sandbox/providers/microsoft.keyvault/vaults/${resource.vault}${secret}'`,
    'Assignment: (not found)',
    'DenyAssignmentId: null',
    "DecisionReason: 'DeniedWithNoValidRBAC' ",
    `Vault: ${resource.vault};location=westeurope`,
    '',
  ];
  throw new KeyVaultError(403, 'Forbidden', lines.join('\r\n'), 'ForbiddenByRbac');
}

function allowed(roles: RoleAssignments, oid: string, action: Action): boolean {
  if (roles.officerOids?.includes(oid) === true) return true;
  if (oid === roles.writerOid && WRITER.includes(action)) return true;
  return roles.readerOids?.includes(oid) === true && READER.includes(action);
}
