import { request } from 'node:https';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { entity, errorCode, HOST, refused, startRig, TABLE, type TablesRig } from './rig.ts';

let rig: TablesRig;

beforeAll(async () => {
  rig = await startRig({ callerOids: ['function-oid'] });
  await rig.client().createTable();
});
afterAll(() => rig.close());
afterEach(() => rig.faults.clear());

describe('authentication', () => {
  it.each([
    ['of another audience', { resource: 'https://vault.azure.net' }],
    ['that has expired', { expiresIn: -60 }],
  ])('refuses a token %s', async (_name, options) => {
    const error = await refused(rig.client(options).createEntity(entity('unauthorized')));
    expect(error).toMatchObject({ statusCode: 401 });
    expect(errorCode(error)).toBe('InvalidAuthenticationInfo');
    expect(await refused(rig.client().getEntity('intent', 'unauthorized'))).toMatchObject({ statusCode: 404 });
  });

  it("refuses a stranger's valid token", async () => {
    const stranger = rig.client({ oid: 'stranger' });
    // One after the other: the second would be refused while nobody waits for it.
    for (const act of [() => stranger.getEntity('intent', 'any'), () => stranger.createEntity(entity('any'))]) {
      const error = await refused(act());
      expect([error.statusCode, errorCode(error)]).toEqual([403, 'AuthorizationPermissionMismatch']);
    }
  });

  it('accepts the audience with a trailing slash', async () => {
    await rig.client({ resource: 'https://storage.azure.com/' }).createEntity(entity('slash'));
  });

  it('refuses a request without a token, and a host that is no account of its own', async () => {
    expect(await get({ host: HOST })).toMatchObject({ status: 401, code: 'NoAuthenticationInformation' });
    expect(await get({ host: 'other.table.core.windows.net' })).toMatchObject({ status: 421 });
  });
});

it.each([
  ["PartitionKey%20eq%20'nobody'", 200],
  ["PartitionKey+eq+'nobody'", 400],
  ["PartitionKey%20eq%20'a+b'", 400],
])('a bare plus sign in a query is refused, unlike by Azurite: %s', async (filter, status) => {
  const { token } = await rig.issuer.issueResourceToken({
    ...{ resource: 'https://storage.azure.com', oid: 'function-oid', appid: 'function-app', expiresIn: 60 },
  });
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json;odata=nometadata' };
  expect(await get({ host: HOST, ...headers }, `?$filter=${filter}`)).toMatchObject({ status });
});

it('gives no page of more than a thousand rows, as the service and unlike Azurite', async () => {
  await rig.client().createEntity(entity('paged'));
  const all = (maxPageSize: number) => rig.client().listEntities().byPage({ maxPageSize }).next();
  expect(errorCode(await refused(all(1_001)))).toBe('InvalidInput');
  expect((await all(1_000)).done).toBe(false);
});

const answerSchema = z.object({ 'odata.error': z.object({ code: z.string() }).optional() });

function get(
  headers: Readonly<Record<string, string>>,
  query = '',
): Promise<{ readonly status: number | undefined; readonly code: string | undefined }> {
  return new Promise((resolve, reject) => {
    const { port } = rig.tables;
    const options = {
      host: '127.0.0.1',
      port,
      agent: rig.agent,
      servername: HOST,
      path: `/${TABLE}()${query}`,
      headers,
    };
    request(options, async (answer) => {
      const body = answerSchema.parse(JSON.parse(Buffer.concat(await answer.toArray()).toString()));
      resolve({ status: answer.statusCode, code: body['odata.error']?.code });
    })
      .on('error', reject)
      .end();
  });
}
