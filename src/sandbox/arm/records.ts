import type { ApiKey, Principal } from './api-key-store.ts';
import type { ArmWorld } from './world.ts';

/** The provider's documents, in the shape of the examples published with specification 2024-07-01. */

const API = 'https://api.confluent.cloud';

const crn = (world: ArmWorld, path: string): string =>
  `crn://api.confluent.cloud/organization=${world.confluentOrganizationId}/${path}`;

/** @param overrides fields that differ from what follows from the id. */
export function owner(world: ArmWorld, overrides: Readonly<Record<string, string>> = {}): Principal {
  const { id = world.serviceAccountId } = overrides;
  const described = id.startsWith('u-')
    ? { kind: 'User', related: `${API}/iam/v2/users/${id}`, resourceName: crn(world, `user=${id}`) }
    : {
        kind: 'ServiceAccount',
        related: `${API}/iam/v2/service-accounts/${id}`,
        resourceName: crn(world, `service-account=${id}`),
      };
  return { id, ...described, ...overrides };
}

export const isSchemaRegistry = (clusterId: string): boolean => clusterId.startsWith('lsrc-');

function clusterResource(world: ArmWorld, environmentId: string, id: string): Principal {
  if (isSchemaRegistry(id)) {
    const related = `${API}/srcm/v2/schema-registries/${id}`;
    return { id, kind: 'SchemaRegistry', related, resourceName: crn(world, `schema-registry=${id}`) };
  }
  const resourceName = crn(world, `environment=${environmentId}/cloud-cluster=${id}`);
  return { id, kind: 'Kafka', related: `${API}/cmk/v2/clusters/${id}`, resourceName };
}

/** The answer to a create: the only one with the secret. */
export const createdApiKey = (world: ArmWorld, key: ApiKey, secret: string): object =>
  apiKey(key, clusterResource(world, key.environmentId, key.clusterId), { secret });

/** The answer to a get, which alone names the environment. */
export function fetchedApiKey(world: ArmWorld, key: ApiKey): object {
  const resource = clusterResource(world, key.environmentId, key.clusterId);
  return apiKey(key, { ...resource, environment: key.environmentId });
}

const apiKey = (key: ApiKey, resource: object, rest: object = {}): object => ({
  id: key.id,
  kind: 'ApiKey',
  properties: {
    metadata: {
      createdTimestamp: key.createdTimestamp,
      resourceName: `${key.owner.resourceName}/api-key=${key.id}`,
      self: `${API}/iam/v2/api-keys/${key.id}`,
      updatedTimestamp: key.createdTimestamp,
    },
    spec: { description: key.description, name: key.name, owner: key.owner, resource, ...rest },
  },
});

const environmentResource = (world: ArmWorld, id: string): { id: string; related: string; resourceName: string } => ({
  id,
  related: `${API}/org/v2/environments/${id}`,
  resourceName: crn(world, `environment=${id}`),
});

export function environmentRecord(world: ArmWorld, id: string): object {
  const { related, resourceName } = environmentResource(world, id);
  return { id, kind: 'Environment', name: id, properties: { metadata: { self: related, resourceName } } };
}

export function schemaRegistryRecord(world: ArmWorld, environmentId: string, clusterId: string): object {
  const { related, resourceName } = clusterResource(world, environmentId, clusterId);
  return {
    id: clusterId,
    kind: 'Cluster',
    properties: {
      metadata: { self: related, resourceName },
      spec: { name: clusterId, cloud: 'AZURE', environment: environmentResource(world, environmentId) },
      status: { phase: 'PROVISIONED' },
    },
  };
}

export function organizationRecord(world: ArmWorld): object {
  const { subscriptionId, resourceGroupName, organizationName, confluentOrganizationId } = world;
  return {
    id: `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.Confluent/organizations/${organizationName}`,
    name: organizationName,
    type: 'microsoft.confluent/organizations',
    location: 'westeurope',
    properties: { provisioningState: 'Succeeded', organizationId: confluentOrganizationId },
  };
}

export function clusterRecord(world: ArmWorld, environmentId: string, clusterId: string): object {
  const { related, resourceName } = clusterResource(world, environmentId, clusterId);
  const environment = environmentResource(world, environmentId);
  return {
    id: clusterId,
    kind: 'Cluster',
    name: clusterId,
    properties: {
      metadata: { self: related, resourceName },
      spec: { name: clusterId, cloud: 'AZURE', environment },
      status: { phase: 'PROVISIONED' },
    },
  };
}
