/** The request of Microsoft.Confluent's published `createAPIKey` example, as a caller of this service sends it. */
export const requestExample = {
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  resourceGroupName: 'myResourceGroup',
  organizationName: 'myOrganization',
  environmentId: 'env-12132',
  clusterId: 'clusterId-123',
  name: 'CI kafka access key',
  description: 'This API key provides kafka access to cluster x',
};

const crn = 'crn://api.stag.cpdev.cloud/organization=37d1220b-93a6-43e3-a114-dd8a20a94a31';
const api = 'https://api.stag.cpdev.cloud';
const vaultUrl = 'https://sandbox.vault.azure.net';
const id = 'mfxs2ylqnfwgk3tfobzgk2lton';
const secretName = `ck-clusterId-123-ci-kafka-access-key-${id}`;

export const credentialExample = {
  id,
  status: 'vended',
  createdAt: '2023-11-15T16:15:43.102Z',
  target: {
    subscriptionId: requestExample.subscriptionId,
    resourceGroupName: requestExample.resourceGroupName,
    organizationName: requestExample.organizationName,
    environmentId: requestExample.environmentId,
    clusterId: requestExample.clusterId,
  },
  secret: {
    id: `${vaultUrl}/secrets/${secretName}/4387e9f3d6e14c459867679a90fd0f79`,
    name: secretName,
    version: '4387e9f3d6e14c459867679a90fd0f79',
    vaultUrl,
    contentType: 'text/plain; format=secret',
    keyVaultReference: `@Microsoft.KeyVault(SecretUri=${vaultUrl}/secrets/${secretName}/)`,
  },
  apiKey: {
    id: 'JDCXTFUVFVQGF56J',
    kind: 'ApiKey',
    metadata: {
      createdTimestamp: '2023-11-15T16:15:44.489498Z',
      updatedTimestamp: '2023-11-15T16:15:44.489498Z',
      resourceName: `${crn}/service-account=sa-wwn7mm/api-key=JDCXTFUVFVQGF56J`,
      self: `${api}/iam/v2/api-keys/JDCXTFUVFVQGF56J`,
    },
    spec: {
      name: 'CI kafka access key',
      description: `This API key provides kafka access to cluster x vend:${id}.1.q5zk2a`,
      owner: {
        id: 'sa-wwn7mm',
        kind: 'ServiceAccount',
        related: `${api}/iam/v2/service-accounts/sa-wwn7mm`,
        resourceName: `${crn}/service-account=sa-wwn7mm`,
      },
      resource: {
        id: 'lsrc-stgc1yrzz3',
        kind: 'SchemaRegistry',
        related: `${api}/srcm/v2/schema-registries/lsrc-stgc1yrzz3`,
        resourceName: `${crn}/schema-registry=lsrc-stgc1yrzz3`,
      },
    },
    usableAfter: '2023-11-15T16:17:44.489Z',
  },
};
