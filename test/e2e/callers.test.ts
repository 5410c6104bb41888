import { generateKeyPairSync } from 'node:crypto';
import { base64url, decodeProtectedHeader, type JWTPayload, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import { EXAMPLE, type Json, type PostOptions, type Reply, Rig } from './harness.ts';

const FOREIGN = '99999999-9999-4999-8999-999999999999';
const REQUESTER = { oid: FOREIGN, roles: ['KeyVending.Requester'] };

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterEach(() => rig.heal());
afterAll(() => rig.close());

function expectProblem({ status, headers, body }: Reply, expected: readonly [number, string]): void {
  expect([status, body.type]).toEqual([expected[0], `urn:confluent-key-vending:problem:${expected[1]}`]);
  expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(headers.get('cache-control')).toBe('no-store');
}

/** A post that must not get as far as ARM or the ledger. */
async function refused(body: Json, options: PostOptions, expected: readonly [number, string]): Promise<Reply> {
  const reply = await rig.post(body, { key: 'refused', ...options });
  expectProblem(reply, expected);
  const { arm, tables } = rig.sandbox.azure;
  expect(arm.requests()).toEqual([]);
  expect(await tables.rows(WORLD.ledgerTable).catch(() => [])).toEqual([]);
  return reply;
}

const [HEADER, PAYLOAD, SIGNATURE] = [0, 1, 2] as const;
const part = (token: string, index: number): string => token.split('.')[index] ?? '';
const encoded = (value: unknown): string => base64url.encode(JSON.stringify(value));
const claimsOf = (token: string): JWTPayload => JSON.parse(Buffer.from(part(token, PAYLOAD), 'base64url').toString());

async function signedWith(key: Parameters<SignJWT['sign']>[0], header: Json): Promise<string> {
  const token = await rig.token();
  return new SignJWT(claimsOf(token))
    .setProtectedHeader({ ...decodeProtectedHeader(token), alg: 'RS256', ...header })
    .sign(key);
}

/** Each from a good token; `detail` tells the caller which check it fails. */
const TOKENS: readonly (readonly [string, () => Promise<string>, RegExp])[] = [
  ['garbage', async () => 'not-a-token', /not a signed JSON Web Token/],
  ['two tokens', async () => `${await rig.token()} ${await rig.token()}`, /one token/],
  ['one that expired', () => rig.token({ expiresIn: -120 }), /expired/],
  ['one for another audience', () => rig.token({ audience: 'https://management.azure.com' }), /audience/],
  ['one of another tenant', () => rig.token({ tid: FOREIGN }), /issuer/],
  ['one whose subject is no object id', () => rig.token({ oid: 'portal' }), /oid/],
  [
    'one without a signature (alg none)',
    async () => `${encoded({ alg: 'none', typ: 'JWT' })}.${part(await rig.token(), PAYLOAD)}.`,
    /RS256|not a signed/,
  ],
  [
    'one with other claims under the same signature',
    async () => {
      const token = await rig.token();
      const claims = { ...claimsOf(token), roles: [WORLD.operatorRole] };
      return [part(token, HEADER), encoded(claims), part(token, SIGNATURE)].join('.');
    },
    /signature/,
  ],
  [
    'one signed with the public key as a secret (HS256)',
    async () => {
      const [jwk] = rig.sandbox.azure.issuer.jwks.keys;
      return signedWith(new TextEncoder().encode(JSON.stringify(jwk)), { alg: 'HS256' });
    },
    /RS256/,
  ],
  [
    'one signed with a key of its own, under a published id',
    () => signedWith(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, {}),
    /signature/,
  ],
  [
    'one signed with a key of its own, which it brings along',
    async () => {
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      return signedWith(privateKey, { kid: 'mine', jwk: publicKey.export({ format: 'jwk' }) });
    },
    /key that the tenant does not publish/,
  ],
];

describe('a bearer token', () => {
  it.each(TOKENS)('that is %s is a 401, which repeats none of it', async (_, make, why) => {
    const token = await make();
    const reply = await refused(EXAMPLE, { token }, [401, 'unauthenticated']);
    expect(reply.body.detail).toMatch(why);
    expect(reply.headers.get('www-authenticate')).toBe('Bearer');
    for (const piece of token.split(/[. ]/).filter((text) => text.length > 8)) {
      expect(JSON.stringify([reply.body, [...reply.headers]])).not.toContain(piece);
      expect(JSON.stringify(rig.sandbox.function.logs())).not.toContain(piece);
    }
    expect((await rig.get('/v1/credentials/x', token)).status).toBe(401);
  });

  it.each([
    ['none', {}],
    ['a password instead', { authorization: `Basic ${btoa('user:hush-hush')}` }],
    ['what App Service would tell of its own callers', { 'x-ms-client-principal-id': WORLD.portalOid }],
  ])('may not be missing: %s is a 401', async (_, headers: Record<string, string>) => {
    const url = `${rig.url}/api/v1/credentials`;
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(EXAMPLE),
    };
    const response = await fetch(url, init);
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain('hush-hush');
  });

  it('is judged before the body is', async () => {
    const reply = await rig.post('{', { token: 'bad' });
    expectProblem(reply, [401, 'unauthenticated']);
  });
});

describe('policy', () => {
  it.each<[string, PostOptions & { oid?: string; roles?: string[] }, Json]>([
    ['a stranger', { oid: FOREIGN }, {}],
    ['a role of another name', { oid: FOREIGN, roles: ['keyvending.requester'] }, {}],
    ['an operator, who may look but not ask', { oid: FOREIGN, roles: [WORLD.operatorRole] }, {}],
    ['another organization', {}, { organizationName: 'otherOrganization' }],
    ['another environment', {}, { environmentId: 'env-1' }],
    ['another subscription', {}, { subscriptionId: FOREIGN }],
    ['a cluster outside the rule', REQUESTER, { clusterId: 'lsrc-stgc1yrzz3' }],
  ])('gives nothing to %s', async (_, { oid, roles }, change) => {
    const token = await rig.token({ ...(oid && { oid }), ...(roles && { roles }) });
    await refused({ ...EXAMPLE, ...change }, { token }, [403, 'forbidden']);
  });

  it.each<[string, Json, string]>([
    ['a secret name under another prefix', { secretName: 'portal-1' }, '/secretName'],
    ['a longer validity', { validFor: 'P91D' }, '/validFor'],
  ])('does not let callers have %s', async (_, change, pointer) => {
    const token = await rig.token(REQUESTER);
    const body = { ...EXAMPLE, clusterId: 'lkc-1126wj', ...change };
    const reply = await refused(body, { token }, [400, 'invalid-request']);
    expect(reply.body.errors).toEqual([{ pointer, detail: expect.any(String) }]);
  });

  it("sends a team's secret to the team's own vault, with the longest validity that it has", async () => {
    const body = { ...EXAMPLE, clusterId: 'lkc-1126wj', secretName: 'payments-1' };
    const reply = await rig.post(body, { key: 'payments', token: await rig.token(REQUESTER) });
    expect(reply.body).toMatchObject({
      secret: { vaultUrl: 'https://sandbox-payments.vault.azure.net', name: 'payments-1' },
    });
    const expiresOn = (reply.body.secret as { expiresOn: string }).expiresOn;
    expect(Date.parse(expiresOn) - Date.now()).toBeGreaterThan(89.9 * 86_400_000);
    expect(rig.versions('payments-1', 'sandbox-payments')).toHaveLength(1);
  });
});

describe('signing keys out of reach', () => {
  it("are the service's trouble and no 401, however Entra fails; and then it recovers", async () => {
    const own = await Rig.start();
    try {
      const faults = [{ status: 500 }, { status: 200, body: { keys: 'none' } }, { drop: 'before' }] as const;
      for (const fault of faults) {
        own.heal();
        own.fault({ service: 'entra', fault });
        const reply = await own.post(EXAMPLE, { key: 'k' });
        expectProblem(reply, [503, 'identity-provider-unavailable']);
        expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
      }
      own.heal();
      expect((await own.post(EXAMPLE, { key: 'k' })).status).toBe(201);
    } finally {
      await own.close();
    }
  });
});
