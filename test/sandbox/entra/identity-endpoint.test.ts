import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type IdentityEndpoint, startIdentityEndpoint } from '../../../src/sandbox/entra/identity-endpoint.ts';
import { createTokenIssuer } from '../../../src/sandbox/entra/token-issuer.ts';
import { FaultPlan } from '../../../src/sandbox/kit/faults.ts';

const TENANT = '11111111-1111-4111-8111-111111111111';
const IDENTITY = {
  clientId: '33333333-3333-4333-8333-333333333333',
  principalId: '44444444-4444-4444-8444-444444444444',
};

const faults = new FaultPlan();
let endpoint: IdentityEndpoint;

beforeAll(async () => {
  endpoint = await startIdentityEndpoint({
    faults,
    issuer: await createTokenIssuer({ tenantId: TENANT }),
    identity: IDENTITY,
  });
});

afterEach(() => faults.clear());
afterAll(() => endpoint.close());

/** The credential caches its token and the endpoint for the whole process: a process for each scenario. */
async function credentialToken(options: object, scope = 'https://management.azure.com/.default'): Promise<unknown> {
  const script = `
    import { ManagedIdentityCredential } from '@azure/identity';
    const credential = new ManagedIdentityCredential(${JSON.stringify(options)});
    const answer = await credential.getToken('${scope}').catch(({ name }) => ({ error: name }));
    console.log(JSON.stringify(answer));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    env: { PATH: process.env.PATH, IDENTITY_ENDPOINT: endpoint.endpoint, IDENTITY_HEADER: endpoint.header },
  });
  return JSON.parse(stdout);
}

const get = (query: Record<string, string>, init: RequestInit = {}): Promise<Response> =>
  fetch(`${endpoint.endpoint}?${new URLSearchParams(query)}`, {
    headers: { 'x-identity-header': endpoint.header },
    ...init,
  });

const VALID = { 'api-version': '2019-08-01', resource: 'https://vault.azure.net' };

describe('the real ManagedIdentityCredential', () => {
  it.each([{}, { clientId: IDENTITY.clientId }])('gets a token with %j', async (options) => {
    const { token, expiresOnTimestamp } = (await credentialToken(options)) as {
      token: string;
      expiresOnTimestamp: number;
    };
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({
      iss: `https://sts.windows.net/${TENANT}/`,
      aud: 'https://management.azure.com',
      oid: IDENTITY.principalId,
      appid: IDENTITY.clientId,
    });
    // The client counts from its own clock, in whole seconds.
    expect(Math.abs((claims.exp ?? 0) - expiresOnTimestamp / 1000)).toBeLessThanOrEqual(2);
  });

  it('keeps the trailing slash of the Service Bus resource', async () => {
    const { token } = (await credentialToken({}, 'https://servicebus.azure.net//.default')) as { token: string };
    expect(decodeJwt(token).aud).toBe('https://servicebus.azure.net/');
  });

  it('gets none for another identity', async () => {
    expect(await credentialToken({ clientId: '55555555-5555-4555-8555-555555555555' })).toEqual({
      error: 'CredentialUnavailableError',
    });
  });

  it('gets none while the endpoint refuses', async () => {
    faults.add({ service: 'identity', operation: 'token', fault: { status: 403 } });
    expect(await credentialToken({})).toEqual({ error: 'CredentialUnavailableError' });
  });
});

describe('the identity endpoint', () => {
  it('answers as App Service does', async () => {
    const response = await get(VALID);
    const { access_token, ...rest } = (await response.json()) as Record<string, string>;
    expect(response.status).toBe(200);
    expect(rest).toEqual({
      expires_on: String(decodeJwt(access_token ?? '').exp),
      resource: VALID.resource,
      token_type: 'Bearer',
      client_id: IDENTITY.clientId,
    });
  });

  it.each([
    ['client_id', IDENTITY.clientId.toUpperCase()],
    ['object_id', IDENTITY.principalId],
    ['principal_id', IDENTITY.principalId],
  ])('knows its identity by %s', async (name, value) => {
    expect((await get({ ...VALID, [name]: value })).status).toBe(200);
  });

  it.each([
    ['client_id', IDENTITY.principalId],
    ['client_id', ''],
    ['object_id', IDENTITY.clientId],
    ['mi_res_id', '/subscriptions/s/resourceGroups/g'],
  ])('has no identity whose %s is %j', async (name, value) => {
    expect((await get({ ...VALID, [name]: value })).status).toBe(400);
  });

  it.each([
    [401, 'no header', VALID, { headers: {} }],
    [401, 'a wrong header', VALID, { headers: { 'x-identity-header': 'guess' } }],
    [400, 'no api-version', { resource: VALID.resource }, {}],
    [400, 'another api-version', { ...VALID, 'api-version': '2018-02-01' }, {}],
    [401, 'the header of another version', { ...VALID, 'api-version': '2017-09-01' }, {}],
    [400, 'no resource', { 'api-version': VALID['api-version'] }, {}],
    [405, 'a POST', VALID, { method: 'POST', headers: { 'x-identity-header': 'guess' } }],
  ])('answers %i to %s', async (status, _, query, init) => {
    const response = await get(query as Record<string, string>, init as RequestInit);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ statusCode: status, message: expect.any(String) });
  });

  it('speaks version 2017-09-01 too, with its own header, parameter and form of the date', async () => {
    const query = { ...VALID, 'api-version': '2017-09-01', clientid: IDENTITY.clientId };
    const init = { headers: { secret: endpoint.header } };
    const response = await get(query, init);
    const { access_token, expires_on } = (await response.json()) as Record<string, string>;
    expect(response.status).toBe(200);
    expect(expires_on).toMatch(/^\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d \+00:00$/);
    expect(Date.parse(expires_on ?? '') / 1000).toBe(decodeJwt(access_token ?? '').exp);
    expect((await get({ ...query, clientid: IDENTITY.principalId }, init)).status).toBe(400);
  });

  it('has nothing on other paths', async () => {
    expect((await fetch(new URL('/metadata/identity/oauth2/token', endpoint.endpoint))).status).toBe(404);
  });

  it('has another header each time', async () => {
    const issuer = await createTokenIssuer({ tenantId: TENANT });
    const other = await startIdentityEndpoint({ faults, issuer, identity: IDENTITY });
    await other.close();
    expect(other.header).not.toBe(endpoint.header);
  });
});
