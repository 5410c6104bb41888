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

export const vendedExample = {
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

const { secret, apiKey } = vendedExample;
const newVersion = 'b2a1f7c05f0d4f6f8a1e9d0c7b6a5f43';

/** The same credential after a rotation: another key, another version, and the old key until its overlap ends. */
export const rotatedExample = {
  ...vendedExample,
  secret: { ...secret, id: `${vaultUrl}/secrets/${secretName}/${newVersion}`, version: newVersion },
  apiKey: {
    ...apiKey,
    id: 'WQ2ZL7K4N6T3XE5R',
    metadata: {
      createdTimestamp: '2024-02-01T09:00:01.204118Z',
      updatedTimestamp: '2024-02-01T09:00:01.204118Z',
      resourceName: `${crn}/service-account=sa-wwn7mm/api-key=WQ2ZL7K4N6T3XE5R`,
      self: `${api}/iam/v2/api-keys/WQ2ZL7K4N6T3XE5R`,
    },
    spec: { ...apiKey.spec, description: `This API key provides kafka access to cluster x vend:${id}.2.h7mwpd` },
    usableAfter: '2024-02-01T09:02:01.204Z',
  },
  previous: { apiKeyId: apiKey.id, secretVersion: secret.version, revokeAt: '2024-02-02T10:00:01.204Z' },
  rotation: { status: 'vended', apiKeyId: 'WQ2ZL7K4N6T3XE5R' },
};

const { previous: _, rotation: __, ...withoutPrevious } = rotatedExample;
export const overlapEndedExample = withoutPrevious;

const { name, contentType, keyVaultReference } = secret;
const { createdAt, target } = vendedExample;
const withoutKey = { id, createdAt, target, secret: { name, vaultUrl, contentType, keyVaultReference } };
export const revokedExample = { ...withoutKey, status: 'revoked', revokedAt: '2024-03-01T08:30:12.000Z' };
export const revokingExample = { ...overlapEndedExample, status: 'revoking' };

const where = { id, rule: 'ci', target, secret: { name, vaultUrl, keyVaultReference } };
const tried = { validateOnly: true, status: 'previewed' };
export const previewExamples = {
  vend: { ...tried, operation: 'vend', effect: 'mint', ...where },
  rotate: { ...tried, operation: 'rotate', effect: 'mint', ...where, previousKeyUntil: '2024-02-02T10:00:01.204Z' },
  'end-overlap': { ...tried, operation: 'end-overlap', effect: 'revoke', ...where },
  revoke: { ...tried, operation: 'revoke', effect: 'revoke', ...where },
  resolve: { ...tried, operation: 'resolve', effect: 'close', ...where },
};

const caller = 'entra:11111111-1111-1111-1111-111111111111:22222222-2222-2222-2222-222222222222';
/** An attempt whose POST got no answer, as an operator sees it. */
export const unknownExample = {
  ...withoutKey,
  status: 'unknown',
  marker: `vend:${id}.1.q5zk2a`,
  caller,
  rule: 'ci',
  attempt: {
    number: 1,
    purpose: 'vend',
    phase: 'unknown',
    since: '2023-11-15T16:18:13.000Z',
    leaseUntil: '2023-11-15T16:18:13.000Z',
  },
  open: { reason: 'unknown', since: '2023-11-15T16:18:13.000Z' },
};
/** After the operator looked, and found no key. */
export const resolvedExample = {
  ...withoutKey,
  status: 'failed',
  caller,
  rule: 'ci',
  problem: { type: 'outcome-unknown', detail: 'An operator looked in Confluent and found no key of this attempt.' },
};

export const keyViewExample = {
  apiKeyId: apiKey.id,
  is: 'current',
  attempt: 1,
  credential: { ...vendedExample, caller, rule: 'ci' },
};

const leak = { operation: 'revoke', filter: { cluster: target.clusterId } };
const bulkId = 'nbswy3dpeb3w64tmmqqho2lumu';
export const bulkPreviewRequest = { ...leak, validateOnly: true };
export const bulkRequest = { ...leak, expect: 1 };
export const bulkPreviewExample = {
  state: 'previewed',
  operation: 'revoke',
  count: 1,
  credentials: [id],
  unreadable: [],
};
export const bulkExample = {
  id: bulkId,
  ...leak,
  by: 'operator:entra:11111111-1111-1111-1111-111111111111:33333333-3333-3333-3333-333333333333',
  createdAt: '2024-03-01T08:30:00.000Z',
  state: 'running',
  count: 1,
};
export const bulkProgressExample = {
  ...bulkExample,
  done: 1,
  left: 0,
  failed: [],
  failedCount: 0,
  remaining: [],
  remainingCount: 0,
  unreadable: [],
};

export const recoveryExample = {
  vaultUrl,
  validateOnly: true,
  looked: 1,
  secrets: [
    {
      secretName: vendedExample.secret.name,
      id,
      outcome: 'inserted',
      caller,
      rule: 'ci',
      keys: [{ apiKeyId: apiKey.id, secretVersion: vendedExample.secret.version, enabled: true, is: 'current' }],
    },
  ],
  unclear: [],
};

/** A delivery of a CloudEvent that asks for the key of {@link requestExample}. */
export const eventExample = {
  specversion: '1.0',
  id: '6f1c7d7e-7d0b-4c53-9f0e-0d5b1f0a9c11',
  source: '/portal/orders',
  type: 'confluent-key-vending.apikey.requested.v1',
  data: requestExample,
};
