import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCallerAuthenticator } from '../../src/azure/entra/caller-authenticator.ts';
import type { CallerAuthenticator } from '../../src/vending/model/caller.ts';
import { HUSH } from './arbitraries/text.ts';
import { type Claims, oddClaims, unsigned } from './arbitraries/tokens.ts';
import { holds, PATIENCE } from './cases.ts';
import { type Called, call } from './functions.ts';
import { expectProblemAnswer } from './oracle.ts';

const TENANT = '11111111-1111-1111-1111-111111111111';
const OID = '22222222-2222-2222-2222-222222222222';
const AUDIENCE = 'api://confluent-api-key-vending';
const REQUEST = JSON.stringify({ environmentId: 'env-12132', clusterId: 'lkc-1126wj', name: 'orders' });

const signing = await generateKeyPair('RS256', { extractable: true });
let server: Server;
let good: Claims;
let callers: CallerAuthenticator;

beforeAll(async () => {
  const jwks = { keys: [{ ...(await exportJWK(signing.publicKey)), kid: 'known', use: 'sig' }] };
  server = createServer((_request, response) => response.end(JSON.stringify(jwks))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const authorityHost = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  callers = createCallerAuthenticator({ tenantId: TENANT, audience: AUDIENCE, authorityHost });
  good = { iss: `${authorityHost}/${TENANT}/v2.0`, aud: AUDIENCE, tid: TENANT, oid: OID, azp: OID, exp: 4e9 };
});
afterAll(() => server.close());

const sign = (claims: Claims): Promise<string> =>
  new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'known' }).sign(signing.privateKey);

const ask = (authorization: string | null): Promise<Called> => {
  const headers = { 'content-type': 'application/json', 'idempotency-key': 'k' };
  return call(
    'vend',
    { headers: authorization === null ? headers : { ...headers, authorization }, body: REQUEST },
    callers,
  );
};

function expectTurnedAway({ answer, world, logs }: Called): void {
  expect(expectProblemAnswer(answer)).toBe('unauthenticated');
  expect(world.calls).toEqual([]);
  expect(logs.join('\n')).not.toContain(HUSH);
}

it('nobody comes in with a token that the tenant did not sign', PATIENCE, async () => {
  const property = fc.asyncProperty(unsigned, async (authorization) => expectTurnedAway(await ask(authorization)));
  await holds('unsigned tokens', property);
});

/** These claims decide. The rest may be anything. */
const isGood = (claims: Claims): boolean =>
  [claims.aud].flat().includes(AUDIENCE) &&
  (claims.iss === good.iss || claims.iss === `https://sts.windows.net/${TENANT}/`) &&
  typeof claims.tid === 'string' &&
  claims.tid.toLowerCase() === TENANT &&
  typeof claims.oid === 'string' &&
  claims.oid.toLowerCase() === OID &&
  (typeof claims.azp === 'string' || typeof claims.appid === 'string') &&
  typeof claims.exp === 'number' &&
  claims.exp > Date.now() / 1000 &&
  (claims.nbf === undefined || (typeof claims.nbf === 'number' && claims.nbf <= Date.now() / 1000));

it('a token that the tenant signed is believed only if every claim is in order', PATIENCE, async () => {
  expect((await ask(`Bearer ${await sign(good)}`)).answer).toMatchObject({ status: 201 });
  const property = fc.asyncProperty(oddClaims, async (changes) => {
    const claims: Claims = { ...good, ...changes };
    const called = await ask(`Bearer ${await sign(claims)}`);
    if (isGood(claims)) expect(called.answer.status).toBe(201);
    else expectTurnedAway(called);
  });
  await holds('signed tokens', property);
});
