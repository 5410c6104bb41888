import { ArmError } from './arm-error.ts';
import type { ArmRoute, PathParameters } from './routes.ts';
import type { ArmWorld } from './world.ts';

const API_VERSION = '2024-07-01';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws ArmError 400. */
export function checkApiVersion(query: URLSearchParams): void {
  const version = query.get('api-version');
  if (!version) {
    const message = 'The api-version query parameter (?api-version=) is required for all requests.';
    throw new ArmError(400, 'MissingApiVersionParameter', message);
  }
  if (version === API_VERSION) return;
  throw new ArmError(
    400,
    'NoRegisteredProviderFound',
    `No registered resource provider found for API version '${version}' for type 'organizations'. The supported api-versions are '${API_VERSION}'.`,
  );
}

/**
 * Checks that the path's resources exist, from the outside in. A list of organizations names fewer. ARM's own names are case-insensitive, Confluent's are not.
 *
 * @throws ArmError 400 or 404.
 */
export function checkScope({ operation, parameters }: ArmRoute, world: ArmWorld): void {
  const { subscriptionId, resourceGroupName, organizationName } = parameters;
  if (!UUID.test(subscriptionId)) {
    const message = `The provided subscription identifier '${subscriptionId}' is malformed or invalid.`;
    throw new ArmError(400, 'InvalidSubscriptionId', message);
  }
  if (!same(subscriptionId, world.subscriptionId)) {
    throw new ArmError(404, 'SubscriptionNotFound', `The subscription '${subscriptionId}' could not be found.`);
  }
  if (resourceGroupName !== '' && !same(resourceGroupName, world.resourceGroupName)) {
    throw new ArmError(404, 'ResourceGroupNotFound', `Resource group '${resourceGroupName}' could not be found.`);
  }
  if (organizationName !== '' && !same(organizationName, world.organizationName)) {
    if (operation === 'getOrganization') throw resourceNotFound('organizations', organizationName);
    const message = `Can not perform requested operation on nested resource. Parent resource '${organizationName}' not found.`;
    throw new ArmError(404, 'ParentResourceNotFound', message);
  }
}

/** @throws ArmError 404. */
export function checkCluster(parameters: PathParameters, world: ArmWorld): void {
  if (clustersOf(parameters, world).includes(parameters.clusterId)) return;
  throw resourceNotFound('organizations/environments/clusters', parameters.clusterId);
}

/** Schema registries among them. @throws ArmError 404. */
export function clustersOf({ environmentId }: PathParameters, world: ArmWorld): readonly string[] {
  const clusters = world.environments.get(environmentId);
  if (clusters === undefined) throw resourceNotFound('organizations/environments', environmentId);
  return clusters;
}

export const resourceNotFound = (type: string, name: string): ArmError =>
  new ArmError(404, 'ResourceNotFound', `The Resource 'Microsoft.Confluent/${type}/${name}' was not found.`);

const same = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();
