import { ConfluentManagementClient } from '@azure/arm-confluent';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ArmFixture, CREATE, ORGANIZATION, startFixture, TENANT } from './fixture.ts';

const SUBSCRIPTION = '00000000-0000-0000-0000-000000000000';
const GROUP = 'myResourceGroup';
const ORG = 'myOrganization';
const BODY = { name: 'CI kafka access key', description: 'This API key provides kafka access to cluster x' };
const MICROSECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

let fixture: ArmFixture;
let client: ConfluentManagementClient;

beforeEach(async () => {
  fixture = await startFixture();
  client = clientOf(fixture, { maxRetries: 0 });
});

afterEach(() => fixture.arm.close());

function clientOf({ arm, ca, token }: ArmFixture, retryOptions: object): ConfluentManagementClient {
  const credential = { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const options = { endpoint: `https://127.0.0.1:${arm.port}`, apiVersion: '2024-07-01', retryOptions };
  return new ConfluentManagementClient(credential, SUBSCRIPTION, { ...options, tlsOptions: { ca } });
}

const create = (cluster = 'clusterId-123'): ReturnType<typeof client.organization.createAPIKey> =>
  client.organization.createAPIKey(GROUP, ORG, 'env-12132', cluster, BODY);

describe("Azure's own client", () => {
  it('creates a key, whose secret it is told once', async () => {
    const record = await create();
    const [key] = fixture.arm.keys();
    const owner =
      'crn://api.confluent.cloud/organization=37d1220b-93a6-43e3-a114-dd8a20a94a31/service-account=sa-wwn7mm';
    expect(key).toEqual({
      ...BODY,
      id: record.id,
      secret: record.spec?.secret,
      clusterId: 'clusterId-123',
      deleted: false,
    });
    expect(record).toEqual({
      id: expect.stringMatching(/^[A-Z2-7]{16}$/),
      kind: 'ApiKey',
      metadata: {
        createdTimestamp: expect.stringMatching(MICROSECONDS),
        updatedTimestamp: record.metadata?.createdTimestamp,
        resourceName: `${owner}/api-key=${record.id}`,
        self: `https://api.confluent.cloud/iam/v2/api-keys/${record.id}`,
      },
      spec: {
        ...BODY,
        owner: {
          id: 'sa-wwn7mm',
          kind: 'ServiceAccount',
          related: 'https://api.confluent.cloud/iam/v2/service-accounts/sa-wwn7mm',
          resourceName: owner,
        },
        resource: expect.objectContaining({ id: 'clusterId-123', kind: 'Kafka' }),
        secret: expect.stringMatching(/^cflt[A-Za-z0-9+/]{60,}$/),
      },
    });
    expect(fixture.arm.requests()).toEqual([
      {
        method: 'POST',
        path: CREATE,
        query: { 'api-version': '2024-07-01' },
        body: BODY,
        operation: 'createApiKey',
        status: 200,
        at: expect.any(String),
      },
    ]);
  });

  it('gets it with its environment and without its secret', async () => {
    const { id = '', spec } = await create('lsrc-stgc1yrzz3');
    const record = await client.organization.getClusterAPIKey(GROUP, ORG, id);
    expect(record.spec?.resource).toEqual({ ...spec?.resource, environment: 'env-12132' });
    expect(record.spec?.resource?.kind).toBe('SchemaRegistry');
    expect(JSON.stringify(record)).not.toContain(spec?.secret);
    expect(record.spec).not.toHaveProperty('secret');
    expect(fixture.arm.requests().at(-1)).toMatchObject({ method: 'GET', path: `${ORGANIZATION}/apiKeys/${id}` });
  });

  it('deletes it once', async () => {
    const { id = '' } = await create();
    await client.organization.deleteClusterAPIKey(GROUP, ORG, id);
    expect(fixture.arm.keys()).toMatchObject([{ id, deleted: true }]);
    const notFound = { statusCode: 404, code: 'ResourceNotFound' };
    await expect(client.organization.deleteClusterAPIKey(GROUP, ORG, id)).rejects.toMatchObject(notFound);
    await expect(client.organization.getClusterAPIKey(GROUP, ORG, id)).rejects.toMatchObject(notFound);
  });

  it('gets the cluster', async () => {
    const cluster = await client.organization.getClusterById(GROUP, ORG, 'env-12132', 'lkc-1126wj');
    expect(cluster).toMatchObject({ id: 'lkc-1126wj', kind: 'Cluster', spec: { environment: { id: 'env-12132' } } });
  });

  it('lists and gets what there is', async () => {
    const { organization } = client;
    const ids = async (records: AsyncIterable<{ id?: string }>): Promise<(string | undefined)[]> => {
      const found: (string | undefined)[] = [];
      for await (const { id } of records) found.push(id);
      return found;
    };
    expect(await ids(organization.listBySubscription())).toEqual([ORGANIZATION]);
    expect(await ids(organization.listByResourceGroup(GROUP))).toEqual([ORGANIZATION]);
    expect(await organization.get(GROUP, ORG)).toMatchObject({ id: ORGANIZATION, name: ORG });
    expect(await ids(organization.listEnvironments(GROUP, ORG))).toEqual(['env-12132']);
    expect(await organization.getEnvironmentById(GROUP, ORG, 'env-12132')).toMatchObject({ id: 'env-12132' });
    expect(await ids(organization.listClusters(GROUP, ORG, 'env-12132'))).toEqual(['clusterId-123', 'lkc-1126wj']);
    const registries = organization.listSchemaRegistryClusters(GROUP, ORG, 'env-12132');
    expect(await ids(registries)).toEqual(['lsrc-stgc1yrzz3']);
    expect(await organization.getSchemaRegistryClusterById(GROUP, ORG, 'env-12132', 'lsrc-stgc1yrzz3')).toMatchObject({
      id: 'lsrc-stgc1yrzz3',
      spec: { environment: { id: 'env-12132' } },
    });
    await expect(ids(organization.listClusters(GROUP, ORG, 'env-none'))).rejects.toMatchObject({ statusCode: 404 });
    await expect(organization.get(GROUP, 'other')).rejects.toMatchObject({ code: 'ResourceNotFound' });
  });

  it('mints four keys and returns none, when every answer is lost and its retries are left on', async () => {
    fixture.faults.add({ service: 'arm', operation: 'createApiKey', fault: { drop: 'after' } });
    client = clientOf(fixture, { maxRetries: 3, retryDelayInMs: 1, maxRetryDelayInMs: 2 });
    await expect(create()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(fixture.arm.keys()).toHaveLength(4);
    expect(fixture.arm.requests().map(({ status }) => status)).toEqual([null, null, null, null]);
  });

  it('sees a token of another tenant refused', async () => {
    const { token } = await fixture.issuer.issueCallerToken({
      audience: 'https://management.azure.com',
      oid: 'o',
      tid: `${TENANT.slice(0, -1)}2`,
    });
    client = clientOf({ ...fixture, token }, { maxRetries: 0 });
    await expect(create()).rejects.toMatchObject({ statusCode: 401, code: 'InvalidAuthenticationTokenTenant' });
    expect(fixture.arm.keys()).toEqual([]);
  });
});
