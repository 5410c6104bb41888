import { describe, expect, it } from 'vitest';
import {
  buildResult,
  problemBody,
  problemSchema,
  problemTypeUri,
  resultSchema,
} from '../../src/vending/answers/result.ts';
import { PROBLEMS, type ProblemType } from '../../src/vending/model/problems.ts';
import type { VendedIntent } from '../../src/vending/saga/outcome.ts';

const crn = 'crn://api.stag.cpdev.cloud/organization=37d1220b-93a6-43e3-a114-dd8a20a94a31';
const key = {
  id: 'JDCXTFUVFVQGF56J',
  kind: 'ApiKey',
  metadata: {
    createdTimestamp: '2023-11-15T16:15:44.489498Z',
    updatedTimestamp: '2023-11-15T16:15:45.489498Z',
    deletedTimestamp: '2023-11-15T16:15:46.489498Z',
    resourceName: `${crn}/service-account=sa-wwn7mm/api-key=JDCXTFUVFVQGF56J`,
    self: 'https://api.stag.cpdev.cloud/iam/v2/api-keys/JDCXTFUVFVQGF56J',
  },
  spec: {
    name: 'CI kafka access key',
    description: 'For cluster x vend:abcdefghijklmnopqrstuvwxyz.2',
    owner: { id: 'sa-wwn7mm', kind: 'ServiceAccount', related: 'https://example.com/sa', resourceName: `${crn}/sa` },
    resource: {
      id: 'lsrc-stgc1yrzz3',
      kind: 'SchemaRegistry',
      environment: 'env-0000',
      related: 'https://example.com/lsrc',
      resourceName: `${crn}/lsrc`,
    },
  },
};
const intent: VendedIntent = {
  id: 'abcdefghijklmnopqrstuvwxyz',
  caller: 'queue:vend-requests',
  requestHash: '00',
  target: {
    subscriptionId: '00000000-0000-0000-0000-000000000000',
    resourceGroupName: 'myResourceGroup',
    organizationName: 'myOrganization',
    environmentId: 'env-12132',
    clusterId: 'clusterId-123',
  },
  name: 'CI kafka access key',
  vaultUrl: 'https://v.vault.azure.net',
  secretName: 'portal-kafka',
  secretFormat: 'basic-auth',
  rule: 'portal',
  expiresOn: '2024-02-13T16:15:44.000Z',
  createdAt: Date.UTC(2023, 10, 15, 16, 15),
  attempt: 2,
  state: {
    kind: 'vended',
    key,
    secret: { id: 'https://v.vault.azure.net/secrets/portal-kafka/0a1b', version: '0a1b' },
  },
  dueAt: 0,
  earlierKeys: ['EARLIER'],
  writeId: 'w',
};

describe('buildResult', () => {
  it('holds the reference and the whole record', () => {
    expect(buildResult(intent)).toStrictEqual({
      requestId: 'abcdefghijklmnopqrstuvwxyz',
      status: 'vended',
      secret: {
        id: 'https://v.vault.azure.net/secrets/portal-kafka/0a1b',
        name: 'portal-kafka',
        version: '0a1b',
        vaultUrl: 'https://v.vault.azure.net',
        contentType: 'text/plain; format=basic-auth',
        expiresOn: '2024-02-13T16:15:44.000Z',
        keyVaultReference: '@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/portal-kafka/)',
      },
      apiKey: { ...key, usableAfter: '2023-11-15T16:17:44.489Z' },
    });
  });

  it('lets nothing out that the schema does not name, at any depth', () => {
    const leaky = {
      ...key,
      secret: 'canary',
      metadata: { ...key.metadata, secret: 'canary' },
      spec: {
        ...key.spec,
        secret: 'canary',
        owner: { ...key.spec.owner, secret: 'canary' },
        resource: { ...key.spec.resource, secret: 'canary' },
      },
    };
    const state = { ...intent.state, key: leaky, secret: { ...intent.state.secret, value: 'canary' } };
    expect(JSON.stringify(buildResult({ ...intent, state }))).not.toContain('canary');
  });

  it('leaves out what Confluent left out', () => {
    const { expiresOn: _, ...unlimited } = intent;
    const bare = { ...unlimited, state: { ...intent.state, key: { id: 'K', metadata: {}, spec: {} } } };
    const result = buildResult(bare);
    expect(result.apiKey).toStrictEqual({ id: 'K', metadata: {}, spec: {}, usableAfter: '2023-11-15T16:17:00.000Z' });
    expect(result.secret).not.toHaveProperty('expiresOn');
  });

  it.each(['', 'yesterday', '2023-13-45T00:00:00Z'])(
    'reckons from the request if Confluent says %j',
    (createdTimestamp) => {
      const state = { ...intent.state, key: { ...key, metadata: { createdTimestamp } } };
      expect(buildResult({ ...intent, state }).apiKey.usableAfter).toBe('2023-11-15T16:17:00.000Z');
    },
  );

  it('does not double the slash after a vault', () => {
    const { secret } = buildResult({ ...intent, vaultUrl: 'https://v.vault.azure.net/' });
    expect(secret.vaultUrl).toBe('https://v.vault.azure.net');
    expect(secret.keyVaultReference).toContain('.net/secrets/');
  });

  it('is what the published schema says', () => {
    expect(resultSchema.parse(buildResult(intent))).toEqual(buildResult(intent));
  });
});

describe('problemBody', () => {
  it.each(Object.keys(PROBLEMS) as ProblemType[])('of %s fits the published schema', (type) => {
    const body = problemBody({ type, detail: 'Because.' }, 'abcdefghijklmnopqrstuvwxyz');
    expect(problemSchema.parse(body)).toStrictEqual({
      type: `urn:confluent-key-vending:problem:${type}`,
      title: PROBLEMS[type].title,
      status: PROBLEMS[type].status,
      detail: 'Because.',
      requestId: 'abcdefghijklmnopqrstuvwxyz',
    });
    expect(body.type).toBe(problemTypeUri(type));
  });

  it('lists the errors, and nothing of how to retry', () => {
    const errors = [{ pointer: '/name', detail: 'is required', value: 'canary' }];
    expect(problemBody({ type: 'invalid-request', detail: 'Because.', errors, retryAfterMs: 1 })).toStrictEqual({
      type: 'urn:confluent-key-vending:problem:invalid-request',
      title: 'The request is not valid',
      status: 400,
      detail: 'Because.',
      errors: [{ pointer: '/name', detail: 'is required' }],
    });
  });
});
