import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ArmFixture,
  CLUSTER,
  CREATE,
  errorCode,
  jsonHeaders,
  ORGANIZATION,
  startFixture,
  VERSION,
} from './fixture.ts';

let fixture: ArmFixture;

beforeAll(async () => {
  fixture = await startFixture();
});

afterAll(() => fixture.arm.close());

describe('ARM refuses', () => {
  const claims = { audience: 'https://management.azure.com', oid: 'o' };
  it.each([
    ['ExpiredAuthenticationToken', { ...claims, expiresIn: -1 }],
    ['InvalidAuthenticationTokenAudience', { ...claims, audience: 'https://vault.azure.net' }],
    ['InvalidAuthenticationTokenTenant', { ...claims, tid: 'elsewhere' }],
  ])('a token with 401 %s', async (code, given) => {
    const { token } = await fixture.issuer.issueCallerToken(given);
    const response = await fixture.call('POST', `${CREATE}${VERSION}`, { headers: jsonHeaders(token), body: '{}' });
    expect([response.status, errorCode(response)]).toEqual([401, code]);
    expect(response.headers['www-authenticate']).toMatch(/^Bearer authorization_uri="https:.*error="invalid_token"/);
  });

  it.each([
    ['AuthenticationFailed', {}],
    ['InvalidAuthenticationToken', { authorization: 'Bearer garbage' }],
  ])('a request with 401 %s before looking at anything else', async (code, headers) => {
    const response = await fixture.call('PATCH', '/nowhere', { headers });
    expect([response.status, errorCode(response)]).toEqual([401, code]);
  });

  it.each([
    [400, 'MissingApiVersionParameter', CREATE],
    [400, 'MissingApiVersionParameter', `${CREATE}?api-version=`],
    [400, 'NoRegisteredProviderFound', `${CREATE}?api-version=2024-02-13`],
    [400, 'BadRequest', `${CREATE.replace('clusterId-123', '%E0%A4%A')}${VERSION}`],
    [400, 'InvalidSubscriptionId', `${CREATE.replace('0000-0000-0000', '1')}${VERSION}`],
    [404, 'SubscriptionNotFound', `${CREATE.replace('00000000-', '10000000-')}${VERSION}`],
    [404, 'ResourceGroupNotFound', `${CREATE.replace('myResourceGroup', 'other')}${VERSION}`],
    [404, 'ParentResourceNotFound', `${CREATE.replace('myOrganization', 'other')}${VERSION}`],
    [404, 'ResourceNotFound', `${CREATE.replace('env-12132', 'env-1')}${VERSION}`],
    [404, 'ResourceNotFound', `${CREATE.replace('clusterId-123', 'lkc-none')}${VERSION}`],
    [404, 'ResourceNotFound', `${CREATE.replace('clusterId-123', 'CLUSTERID-123')}${VERSION}`],
    [404, 'ResourceNotFound', `${CREATE.replace('clusterId-123', 'a%2Fb')}${VERSION}`],
    [404, 'InvalidResourceType', `${CREATE}s${VERSION}`],
    [404, 'InvalidResourceType', `${CREATE.replace('/clusterId-123', '//clusterId-123')}${VERSION}`],
    [404, 'InvalidResourceNamespace', `${CREATE.replace('Confluent', 'Kafka')}${VERSION}`],
    [404, 'MissingSubscription', `/tenants${VERSION}`],
  ])('%i %s: POST %s', async (status, code, path) => {
    const response = await fixture.call('POST', path, { body: '{}' });
    expect([response.status, errorCode(response)]).toEqual([status, code]);
  });

  it.each([
    ['GET', CREATE, 'POST'],
    ['PUT', CREATE, 'POST'],
    ['POST', CLUSTER, 'GET'],
    ['POST', `${ORGANIZATION}/apiKeys/X`, 'GET, DELETE'],
  ])('405: %s %s', async (method, path, allow) => {
    const response = await fixture.call(method, `${path}${VERSION}`);
    expect([response.status, errorCode(response)]).toEqual([405, 'MethodNotAllowed']);
    expect(response.headers.allow).toBe(allow);
  });

  it.each([undefined, 'text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16'])(
    '415: content type %s',
    async (contentType) => {
      const headers = { authorization: `Bearer ${fixture.token}`, ...(contentType && { 'content-type': contentType }) };
      const response = await fixture.call('POST', `${CREATE}${VERSION}`, { headers, body: '{}' });
      expect([response.status, errorCode(response)]).toEqual([415, 'UnsupportedMediaType']);
    },
  );

  it.each([
    '',
    'null',
    '[]',
    '"name"',
    '{"name": 1}',
    '{"description": null}',
    '{"name": "n", "nam": "n"}',
    '{"name": ',
  ])('400 InvalidRequestContent: %s', async (body) => {
    const response = await fixture.call('POST', `${CREATE}${VERSION}`, { body });
    expect([response.status, errorCode(response)]).toEqual([400, 'InvalidRequestContent']);
  });

  it('413: more than 4 MiB', async () => {
    const response = await fixture.create({ name: 'n'.repeat(4 * 1024 * 1024) });
    expect([response.status, errorCode(response)]).toEqual([413, 'RequestEntityTooLarge']);
  });

  it('everything above without minting', () => {
    expect(fixture.arm.requests().length).toBeGreaterThan(30);
    expect(fixture.arm.keys()).toEqual([]);
  });
});

describe('what is not emulated is said', () => {
  const group = ORGANIZATION.replace(/\/providers.*/, '');
  it.each([
    ['POST', `${ORGANIZATION}/access/default/listUsers`],
    ['DELETE', `${ORGANIZATION}/access/default/deleteRoleBinding/r`],
    ['POST', `${ORGANIZATION}/listRegions`],
    ['PUT', ORGANIZATION],
    ['PATCH', ORGANIZATION],
    ['POST', `${group}/providers/Microsoft.Confluent/validations/o/orgvalidateV2`],
    ['GET', '/providers/Microsoft.Confluent/operations'],
  ])('of %s %s', async (method, path) => {
    const response = await fixture.call(method, `${path}${VERSION}`);
    expect([response.status, errorCode(response)]).toEqual([501, 'NotImplemented']);
    expect(response.text).toContain('The sandbox does not emulate');
  });
});

describe('ARM normalises a path before it looks at it', () => {
  it.each(['..', '%2e%2e', '.%2E', '../', '%2e%2e/'])('so that the key id %j deletes the organization', async (id) => {
    const path = `${ORGANIZATION}/apiKeys/${id}`;
    const response = await fixture.call('DELETE', `${path}${VERSION}`);
    expect([response.status, errorCode(response)]).toEqual([403, 'AuthorizationFailed']);
    const understood = fixture.arm.requests().at(-1);
    expect(understood).toMatchObject({ method: 'DELETE', path, operation: 'deleteOrganization', status: 403 });
  });

  it('so that the cluster id .. is no cluster', async () => {
    const response = await fixture.create({}, CREATE.replace('clusterId-123', '..'));
    expect([response.status, errorCode(response)]).toEqual([404, 'InvalidResourceType']);
  });
});

describe('ARM accepts', () => {
  it.each([
    ['other case in its own names', CREATE.replace('resourceGroups/myResourceGroup', 'RESOURCEGROUPS/MYRESOURCEGROUP')],
    [
      'other case in the provider',
      CREATE.replace('Microsoft.Confluent/organizations', 'microsoft.confluent/Organizations'),
    ],
    ['other case in the action', CREATE.replace('createAPIKey', 'createApiKey')],
    ['percent-encoding', CREATE.replace('clusterId-123', 'clusterId%2D123')],
    ['a trailing slash', `${CREATE}/`],
  ])('%s', async (_, path) => {
    expect((await fixture.create({}, path)).status).toBe(200);
  });

  it("an audience with or without its slash, the classic API's too, and a charset", async () => {
    for (const host of ['https://management.azure.com', 'https://management.core.windows.net'])
      for (const resource of [host, `${host}/`]) {
        const { token } = await fixture.issuer.issueResourceToken({ resource, oid: 'o', appid: 'a' });
        const headers = { ...jsonHeaders(token), 'content-type': 'application/json; charset=UTF-8' };
        expect((await fixture.call('POST', `${CREATE}${VERSION}`, { headers, body: '{}' })).status).toBe(200);
      }
  });

  it('with the ids that support asks for, on every answer', async () => {
    const answers = [
      await fixture.create(),
      await fixture.call('GET', '/nowhere'),
      await fixture.call('GET', CLUSTER, { headers: {} }),
    ];
    const seen = new Set(answers.map(({ headers }) => headers['x-ms-request-id']));
    expect(seen.size).toBe(3);
    for (const { headers } of answers) {
      const correlation = headers['x-ms-correlation-request-id'];
      expect(headers['x-ms-routing-request-id']).toMatch(new RegExp(`^SANDBOX:\\d{8}T\\d{6}Z:${correlation}$`));
      expect(headers.date).toMatch(/GMT$/);
    }
  });
});

describe('a secret', () => {
  it('is fresh for each key, long, and hard on careless encoders', async () => {
    for (let n = 0; n < 20; n++) await fixture.create();
    const keys = fixture.arm.keys();
    expect(new Set(keys.map(({ secret }) => secret)).size).toBe(keys.length);
    expect(new Set(keys.map(({ id }) => id)).size).toBe(keys.length);
    for (const { secret } of keys) expect(secret).toMatch(/^(?=.*\/)(?=.*\+)cflt[A-Za-z0-9+/]{60}$/);
  });
});
