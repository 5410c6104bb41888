import type { BearerClaims } from '../kit/bearer.ts';
import { ArmError } from './arm-error.ts';
import type { ArmOperation } from './routes.ts';

/** The action of each operation, as roles name it. */
const ACTIONS: Readonly<Record<ArmOperation, string>> = {
  createApiKey: 'environments/clusters/createAPIKey/action',
  getApiKey: 'apiKeys/read',
  deleteApiKey: 'apiKeys/delete',
  getCluster: 'environments/clusters/read',
  listClusters: 'environments/clusters/read',
  getSchemaRegistryCluster: 'environments/schemaRegistryClusters/read',
  listSchemaRegistryClusters: 'environments/schemaRegistryClusters/read',
  getEnvironment: 'environments/read',
  listEnvironments: 'environments/read',
  getOrganization: 'read',
  listOrganizations: 'read',
  deleteOrganization: 'delete',
};

export type PermittedOperation = Exclude<ArmOperation, 'deleteOrganization'>;

/**
 * Nobody may delete the organization. `callerOids` may do the rest; absent: everybody with a token.
 *
 * @throws ArmError 403.
 */
export function authorize(
  callerOids: readonly string[] | undefined,
  operation: ArmOperation,
  { appid = '', oid }: BearerClaims,
): PermittedOperation {
  if (operation !== 'deleteOrganization' && callerOids?.includes(oid) !== false) return operation;
  const action = `Microsoft.Confluent/organizations/${ACTIONS[operation]}`;
  const message = `The client '${appid}' with object id '${oid}' does not have authorization to perform action '${action}'.`;
  throw new ArmError(403, 'AuthorizationFailed', message);
}
