import type { TokenCredential } from '@azure/identity';
import type { Target } from '../../../src/vending/model/resources.ts';
import type { ConfluentKeys, MintOutcome, MintRequest } from '../../../src/vending/ports/confluent.ts';

/** In today's form: what a leak test looks for. */
export const SECRET = `cflt${'Aa0/+'.repeat(12)}`;
export const UPSTREAM_TEXT = 'upstream text that nobody may repeat';

export const TARGET: Target = {
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  resourceGroupName: 'myResourceGroup',
  organizationName: 'myOrganization',
  environmentId: 'env-12132',
  clusterId: 'clusterId-123',
};

export const MINT: MintRequest = {
  target: TARGET,
  name: 'CI kafka access key',
  description: 'for the pipeline vend:abcdefghijklmnopqrstuvwxyz.1.abcdef',
};

/** A mint whose connection nobody opened ahead. */
export const mint = (keys: ConfluentKeys, request = MINT, deadlineMs = 10_000): Promise<MintOutcome> =>
  keys.openMintConnection().mint(request, deadlineMs);

export const MINT_PATH =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/myResourceGroup/providers/Microsoft.Confluent' +
  '/organizations/myOrganization/environments/env-12132/clusters/clusterId-123/createAPIKey?api-version=2024-07-01';

export const keyPath = (keyId: string): string =>
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/myResourceGroup/providers/Microsoft.Confluent' +
  `/organizations/myOrganization/apiKeys/${keyId}?api-version=2024-07-01`;

const ACCOUNT =
  'crn://api.stag.cpdev.cloud/organization=37d1220b-93a6-43e3-a114-dd8a20a94a31/service-account=sa-wwn7mm';

/** The published example of an answer, without its secret. */
export const EXAMPLE_KEY = {
  id: 'JDCXTFUVFVQGF56J',
  kind: 'ApiKey',
  metadata: {
    createdTimestamp: '2023-11-15T16:15:44.489498Z',
    resourceName: `${ACCOUNT}/api-key=JDCXTFUVFVQGF56J`,
    self: 'https://api.stag.cpdev.cloud/iam/v2/api-keys/JDCXTFUVFVQGF56J',
    updatedTimestamp: '2023-11-15T16:15:44.489498Z',
  },
  spec: {
    description: 'This API key provides kafka access to cluster x',
    name: 'CI kafka access key',
    owner: {
      id: 'sa-wwn7mm',
      kind: 'ServiceAccount',
      related: 'https://api.stag.cpdev.cloud/iam/v2/service-accounts/sa-wwn7mm',
      resourceName: ACCOUNT,
    },
    resource: {
      id: 'lsrc-stgc1yrzz3',
      kind: 'SchemaRegistry',
      related: 'https://api.stag.cpdev.cloud/srcm/v2/schema-registries/lsrc-stgc1yrzz3',
      resourceName: 'crn://api.stag.cpdev.cloud/schema-registry=lsrc-stgc1yrzz3',
      environment: 'env-12132',
    },
  },
} as const;

/** What ARM answers for that key. */
export const exampleAnswer = (secret: unknown = SECRET) => ({
  id: EXAMPLE_KEY.id,
  kind: EXAMPLE_KEY.kind,
  properties: { metadata: EXAMPLE_KEY.metadata, spec: { ...EXAMPLE_KEY.spec, secret } },
});

export const errorAnswer = (code: string, message = UPSTREAM_TEXT) => ({ error: { code, message } });

export const goodCredential: TokenCredential = {
  getToken: async () => ({ token: 'a-token', expiresOnTimestamp: Date.now() + 3_600_000 }),
};

export const failingCredential: TokenCredential = {
  getToken: () => Promise.reject(Object.assign(new Error(UPSTREAM_TEXT), { name: 'CredentialUnavailableError' })),
};
