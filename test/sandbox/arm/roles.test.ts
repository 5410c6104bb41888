import { afterAll, beforeAll, expect, it } from 'vitest';
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
  fixture = await startFixture({ callerOids: ['principal'] });
});
afterAll(() => fixture.arm.close());

it.each([
  ['POST', CREATE, 'organizations/environments/clusters/createAPIKey/action'],
  ['GET', `${ORGANIZATION}/apiKeys/K`, 'organizations/apiKeys/read'],
  ['DELETE', `${ORGANIZATION}/apiKeys/K`, 'organizations/apiKeys/delete'],
  ['GET', CLUSTER, 'organizations/environments/clusters/read'],
  ['GET', CLUSTER.replace('myResourceGroup', 'other'), 'organizations/environments/clusters/read'],
])("a stranger's valid token gets 403: %s %s", async (method, path, action) => {
  const { token } = await fixture.issuer.issueResourceToken({
    ...{ resource: 'https://management.azure.com', oid: 'stranger', appid: 'app of stranger' },
  });
  const response = await fixture.call(method, `${path}${VERSION}`, { headers: jsonHeaders(token) });
  expect([response.status, errorCode(response)]).toEqual([403, 'AuthorizationFailed']);
  expect(response.text).toContain(`'app of stranger' with object id 'stranger'`);
  expect(response.text).toContain(`Microsoft.Confluent/${action}`);
  expect(fixture.arm.keys()).toEqual([]);
});

it('whoever has a role gets through', async () => {
  expect((await fixture.call('GET', `${CLUSTER}${VERSION}`)).status).toBe(200);
});
