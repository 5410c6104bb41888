import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEntra } from '../../../src/sandbox/entra/entra.ts';
import { createTokenIssuer, type TokenIssuer } from '../../../src/sandbox/entra/token-issuer.ts';
import { FaultPlan } from '../../../src/sandbox/kit/faults.ts';
import type { RunningService } from '../../../src/sandbox/kit/http-service.ts';
import { createCertificates } from '../../../src/sandbox/tls/certificates.ts';
import { type RawResponse, send } from '../tls/https-client.ts';

const TENANT = '11111111-1111-4111-8111-111111111111';

const faults = new FaultPlan();
let issuer: TokenIssuer;
let entra: RunningService;
let ca: string;

beforeAll(async () => {
  const { caPem, ...tls } = await createCertificates(['login.microsoftonline.com']);
  ca = caPem;
  issuer = await createTokenIssuer({ tenantId: TENANT });
  entra = await startEntra({ tls, faults, issuer });
});

afterAll(() => entra.close());

const get = (path: string, method = 'GET'): Promise<RawResponse> => send({ port: entra.port, ca, path, method });

describe('login.microsoftonline.com', () => {
  it('publishes the keys with which callers are verified, and nothing private', async () => {
    const { status, text } = await get(`/${TENANT}/discovery/v2.0/keys`);
    expect(status).toBe(200);
    const jwks = JSON.parse(text);
    expect(new Set(Object.keys(jwks.keys[0]))).toEqual(new Set(['e', 'kid', 'kty', 'n', 'use']));
    const { token } = await issuer.issueCallerToken({ audience: 'api://vending', oid: 'caller' });
    const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), { issuer: issuer.issuer });
    expect(payload.oid).toBe('caller');
  });

  it('publishes the metadata of the tenant', async () => {
    const { status, text } = await get(`/${TENANT}/v2.0/.well-known/openid-configuration`);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      issuer: issuer.issuer,
      jwks_uri: `https://login.microsoftonline.com/${TENANT}/discovery/v2.0/keys`,
    });
  });

  it('knows no other tenant', async () => {
    const { status, text } = await get('/22222222-2222-4222-8222-222222222222/discovery/v2.0/keys');
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ error: 'invalid_tenant' });
  });

  it.each([
    ['GET', '/'],
    ['GET', `/${TENANT}/constructor`],
    ['GET', `/${TENANT}/discovery/v2.0/keys/`],
    ['POST', `/${TENANT}/discovery/v2.0/keys`],
    ['POST', `/${TENANT}/oauth2/v2.0/token`],
  ])('has nothing for %s %s, and says where tokens come from', async (method, path) => {
    const { status, text } = await get(path, method);
    expect([status, JSON.parse(text).error_description]).toEqual([404, expect.stringContaining('POST /tokens')]);
  });

  it('suffers faults by operation', async () => {
    faults.add({ service: 'entra', operation: 'getKeys', times: 1, fault: { status: 503 } });
    expect((await get(`/${TENANT}/v2.0/.well-known/openid-configuration`)).status).toBe(200);
    expect((await get(`/${TENANT}/discovery/v2.0/keys`)).status).toBe(503);
    expect((await get(`/${TENANT}/discovery/v2.0/keys`)).status).toBe(200);
  });
});
