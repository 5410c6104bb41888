import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCallerAuthenticator } from '../../../src/azure/entra/caller-authenticator.ts';
import { startEntra } from '../../../src/sandbox/entra/entra.ts';
import { createTokenIssuer, type TokenIssuer } from '../../../src/sandbox/entra/token-issuer.ts';
import { type FaultEffect, FaultPlan } from '../../../src/sandbox/kit/faults.ts';
import type { RunningService } from '../../../src/sandbox/kit/http-service.ts';
import { createCertificates } from '../../../src/sandbox/tls/certificates.ts';
import type { CallerAuthenticator } from '../../../src/vending/model/caller.ts';
import { routeToEmulators } from '../emulated-hosts.ts';

const TENANT = '11111111-2222-3333-4444-aaaaaaaaaaaa';
const OID = 'bbbbbbbb-0000-4000-8000-000000000001';
const AUDIENCE = 'api://key-vending';
const V2_ISSUER = `https://login.microsoftonline.com/${TENANT}/v2.0`;

const faults = new FaultPlan();
const extraKey = await generateKeyPair('RS256', { extractable: true });
const strangersKey = await generateKeyPair('RS256');
let issuer: TokenIssuer;
let entra: RunningService;
let published: JSONWebKeySet;
let authenticator: CallerAuthenticator;

beforeAll(async () => {
  issuer = await createTokenIssuer({ tenantId: TENANT });
  const { caPem, cert, key } = await createCertificates(['login.microsoftonline.com']);
  entra = await startEntra({
    tls: { cert, key },
    faults,
    issuer: {
      ...issuer,
      get jwks() {
        return published;
      },
    },
  });
  await routeToEmulators({ 'login.microsoftonline.com': entra.port }, caPem);
});
afterAll(() => entra.close());

beforeEach(async () => {
  const extra = { ...(await exportJWK(extraKey.publicKey)), kid: 'extra', use: 'sig' };
  published = { keys: [...issuer.jwks.keys, extra] };
  authenticator = createCallerAuthenticator({ tenantId: TENANT, audience: AUDIENCE });
});
afterEach(() => {
  faults.clear();
  vi.useRealTimers();
});

const now = (): number => Math.floor(Date.now() / 1_000);
const CLAIMS = { iss: V2_ISSUER, aud: AUDIENCE, tid: TENANT, oid: OID, azp: 'aaaaaaaa-0000-4000-8000-00000000000a' };

/** A token that the tenant's second key signed, with any claims and header. */
const tokenOf = (claims: object, header: object = {}, key = extraKey.privateKey): Promise<string> =>
  new SignJWT({ exp: now() + 600, ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'extra', ...header }).sign(key);

const callerToken = async (expiresIn = 3_600): Promise<string> =>
  (await issuer.issueCallerToken({ audience: AUDIENCE, oid: OID, roles: ['Keys.Vend'], expiresIn })).token;

describe('a good token', () => {
  it('of version 2 names its caller and the roles', async () => {
    expect(await authenticator.authenticate(`Bearer ${await callerToken()}`)).toEqual({
      kind: 'authenticated',
      caller: { id: `entra:${TENANT}:${OID}`, roles: ['Keys.Vend'] },
    });
  });

  it('of version 1 does so too', async () => {
    const { token } = await issuer.issueResourceToken({ resource: AUDIENCE, oid: OID, appid: OID });
    expect(await authenticator.authenticate(`bearer ${token}`)).toEqual({
      kind: 'authenticated',
      caller: { id: `entra:${TENANT}:${OID}`, roles: [] },
    });
  });

  it('gives one id, however the configuration and the token are cased', async () => {
    const shouting = createCallerAuthenticator({ tenantId: TENANT.toUpperCase(), audience: ['other', AUDIENCE] });
    const token = await tokenOf({ ...CLAIMS, oid: OID.toUpperCase(), tid: TENANT.toUpperCase() });
    expect(await shouting.authenticate(`Bearer ${token}`)).toMatchObject({
      caller: { id: `entra:${TENANT}:${OID}` },
    });
  });

  it.each([['Admin'], { 0: 'Admin' }, 'Admin', ['Admin', 7], null])(
    'has roles %j only as a list of text',
    async (roles) => {
      const outcome = await authenticator.authenticate(`Bearer ${await tokenOf({ ...CLAIMS, roles })}`);
      const expected = Array.isArray(roles) && roles.every((role) => typeof role === 'string') ? roles : [];
      expect(outcome).toMatchObject({ kind: 'authenticated', caller: { roles: expected } });
    },
  );

  it('is taken for a minute longer, and a minute earlier, than it says', async () => {
    const skewed = [await tokenOf({ ...CLAIMS, exp: now() - 30 }), await tokenOf({ ...CLAIMS, nbf: now() + 30 })];
    for (const token of skewed) {
      expect(await authenticator.authenticate(`Bearer ${token}`)).toMatchObject({ kind: 'authenticated' });
    }
  });

  it('is judged by the clock that was given', async () => {
    const clock = { now: () => Date.now() + 7_200_000 };
    const early = createCallerAuthenticator({ tenantId: TENANT, audience: AUDIENCE, clock });
    expect(await early.authenticate(`Bearer ${await callerToken()}`)).toMatchObject({ kind: 'rejected' });
  });
});

describe('a token that was good before', () => {
  it('is no longer once it has ended', async () => {
    let clock = Date.now();
    authenticator = createCallerAuthenticator({ tenantId: TENANT, audience: AUDIENCE, clock: { now: () => clock } });
    const bearer = `Bearer ${await tokenOf({ ...CLAIMS, exp: now() + 120 })}`;
    for (const passed of [0, 100_000, 79_000]) {
      clock += passed;
      expect((await authenticator.authenticate(bearer)).kind).toBe('authenticated');
    }
    clock += 2_000;
    expect((await authenticator.authenticate(bearer)).kind).toBe('rejected');
  });

  it('does not vouch for another signature', async () => {
    const token = await tokenOf(CLAIMS);
    expect((await authenticator.authenticate(`Bearer ${token}`)).kind).toBe('authenticated');
    const forged = await tokenOf(CLAIMS, {}, strangersKey.privateKey);
    expect((await authenticator.authenticate(`Bearer ${forged}`)).kind).toBe('rejected');
    expect((await authenticator.authenticate(`Bearer ${token.slice(0, -4)}AAAA`)).kind).toBe('rejected');
  });
});

describe('a bad header is rejected without asking for keys:', () => {
  it.each<[string, string | null, RegExp]>([
    ['none', null, /is required/],
    ['an empty one', '', /is required/],
    ['another scheme', 'Basic dXNlcjpwYXNz', /"Bearer"/],
    ['no token', 'Bearer', /"Bearer"/],
    ['two tokens', 'Bearer a b', /one token/],
    ['two headers', 'Bearer a.b.c, Bearer d.e.f', /one token/],
    ['control characters', 'Bearer a\tb', /one token/],
    ['16 KiB and more', `Bearer ${'a'.repeat(16 * 1024)}`, /16 KiB/],
    ['no JWT', 'Bearer opaque', /not a signed JSON Web Token/],
    ['three parts of nothing', 'Bearer a.b.c', /not a signed JSON Web Token/],
  ])('%s', async (_name, header, detail) => {
    faults.add({ service: 'entra', fault: { status: 500 } });
    expect(await authenticator.authenticate(header)).toEqual({
      kind: 'rejected',
      detail: expect.stringMatching(detail),
    });
  });
});

describe('a bad token is rejected:', () => {
  it.each<[string, () => Promise<string>, RegExp]>([
    ['expired', () => callerToken(-120), /expired/],
    ['an ID token, which names no application', () => tokenOf({ ...CLAIMS, azp: undefined }), /access token/],
    ['not valid yet', () => tokenOf({ ...CLAIMS, nbf: now() + 600 }), /not valid yet/],
    ['without an expiry', () => tokenOf({ ...CLAIMS, exp: undefined }), /expiry/],
    ['for another audience', () => tokenOf({ ...CLAIMS, aud: 'api://other' }), /another audience/],
    ['for no audience', () => tokenOf({ ...CLAIMS, aud: undefined }), /another audience/],
    ['of another issuer', () => tokenOf({ ...CLAIMS, iss: 'https://evil.example/v2.0' }), /another issuer/],
    [
      'of a foreign tenant, well signed',
      async () => (await issuer.issueCallerToken({ audience: AUDIENCE, oid: OID, tid: OID })).token,
      /another issuer/,
    ],
    ['whose tenant differs from its issuer', () => tokenOf({ ...CLAIMS, tid: OID }), /another tenant/],
    ['without a tenant', () => tokenOf({ ...CLAIMS, tid: undefined }), /subject \(oid\)/],
    ['without an object id', () => tokenOf({ ...CLAIMS, oid: undefined }), /subject \(oid\)/],
    ['whose object id is none', () => tokenOf({ ...CLAIMS, oid: `${OID}:admin` }), /subject \(oid\)/],
    ['signed by a stranger', () => tokenOf(CLAIMS, {}, strangersKey.privateKey), /signature/],
    ['of an unknown key', () => tokenOf(CLAIMS, { kid: 'made-up' }), /does not publish/],
    ['that names no key where there are several', () => tokenOf(CLAIMS, { kid: undefined }), /does not publish/],
    [
      'that is not signed',
      async () => new UnsecuredJWT({ ...CLAIMS, exp: now() + 600 }).encode(),
      /not a signed|RS256/,
    ],
    [
      'signed with HMAC and the public key',
      async () => {
        const secret = new TextEncoder().encode(JSON.stringify(published));
        return new SignJWT(CLAIMS)
          .setProtectedHeader({ alg: 'HS256', kid: 'extra' })
          .setExpirationTime('1h')
          .sign(secret);
      },
      /RS256/,
    ],
    ['whose claims were changed', async () => withOtherClaims(await tokenOf(CLAIMS)), /signature/],
  ])('%s', async (_name, make, detail) => {
    const token = await make();
    const outcome = await authenticator.authenticate(`Bearer ${token}`);
    expect(outcome).toEqual({ kind: 'rejected', detail: expect.stringMatching(detail) });
    for (const value of [TENANT, OID, AUDIENCE, ...token.split('.').filter((part) => part !== '')]) {
      expect(JSON.stringify(outcome)).not.toContain(value);
    }
  });
});

describe('keys that cannot be had make a token unverifiable, not bad:', () => {
  it.each<[string, FaultEffect, object]>([
    ['a 503', { status: 503 }, { status: 503 }],
    ['a 404', { status: 404 }, { status: 404 }],
    ['a redirect', { status: 302, headers: { location: 'https://evil.example/' } }, { status: 302 }],
    ['a cut connection', { drop: 'before' }, { code: expect.any(String) }],
    ['half an answer', { truncate: true }, { code: expect.any(String) }],
    ['no JSON', { status: 200, body: Buffer.from('<html>') }, { code: 'ERR_JOSE_GENERIC' }],
    ['no key set', { status: 200, body: { keys: 'none' } }, { code: 'ERR_JWKS_INVALID' }],
    ['no answer in time', { delayMs: 8_000 }, { code: 'ERR_JWKS_TIMEOUT' }],
  ])('%s', async (_name, fault, trace) => {
    faults.add({ service: 'entra', operation: 'getKeys', fault });
    expect(await authenticator.authenticate(`Bearer ${await callerToken()}`)).toEqual({
      kind: 'unavailable',
      upstream: { service: 'jwks', ...trace },
    });
  });

  it('a damaged key', async () => {
    published = { keys: [{ kty: 'RSA', kid: 'extra', use: 'sig', n: 'AQAB', e: 'AQAB' }] };
    expect(await authenticator.authenticate(`Bearer ${await tokenOf(CLAIMS)}`)).toMatchObject({ kind: 'unavailable' });
  });

  it('an authority that refuses connections', async () => {
    const nowhere = createCallerAuthenticator({
      tenantId: TENANT,
      audience: AUDIENCE,
      authorityHost: 'https://login.invalid',
    });
    const token = await tokenOf({ ...CLAIMS, iss: `https://login.invalid/${TENANT}/v2.0` });
    expect(await nowhere.authenticate(`Bearer ${token}`)).toMatchObject({
      kind: 'unavailable',
      upstream: { service: 'jwks', code: 'ECONNREFUSED' },
    });
  });
});

describe('signing keys', () => {
  it('are fetched once for many tokens', async () => {
    await authenticator.authenticate(`Bearer ${await callerToken()}`);
    faults.add({ service: 'entra', fault: { status: 500 } });
    expect(await authenticator.authenticate(`Bearer ${await callerToken()}`)).toMatchObject({ kind: 'authenticated' });
  });

  it('that are new are found, but unknown ones do not make us ask all the time', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    published = issuer.jwks;
    await authenticator.authenticate(`Bearer ${await callerToken()}`);
    published = { keys: [{ ...(await exportJWK(extraKey.publicKey)), kid: 'extra', use: 'sig' }] };
    const token = await tokenOf(CLAIMS);
    expect(await authenticator.authenticate(`Bearer ${token}`)).toMatchObject({ kind: 'rejected' });
    vi.setSystemTime(Date.now() + 31_000);
    expect(await authenticator.authenticate(`Bearer ${token}`)).toMatchObject({ kind: 'authenticated' });
  });

  it('that are known serve for a day while Entra ID is out of reach', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    authenticator = createCallerAuthenticator({ tenantId: TENANT, audience: AUDIENCE });
    const bearer = `Bearer ${await callerToken(3 * 86_400)}`;
    await authenticator.authenticate(bearer);
    faults.add({ service: 'entra', fault: { status: 500 } });
    for (const hours of [0.2, 1, 22]) {
      vi.setSystemTime(Date.now() + hours * 3_600_000);
      expect(await authenticator.authenticate(bearer)).toMatchObject({ kind: 'authenticated' });
    }
    vi.setSystemTime(Date.now() + 3_600_000);
    expect(await authenticator.authenticate(bearer)).toMatchObject({ kind: 'unavailable', upstream: { status: 500 } });
    faults.clear();
    expect(await authenticator.authenticate(bearer)).toMatchObject({ kind: 'authenticated' });
  });

  it('are renewed while the known ones serve, so one that is withdrawn soon serves no more', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    authenticator = createCallerAuthenticator({ tenantId: TENANT, audience: AUDIENCE });
    const bearer = `Bearer ${await tokenOf({ ...CLAIMS, exp: now() + 86_400 })}`;
    await authenticator.authenticate(bearer);
    published = issuer.jwks;
    vi.setSystemTime(Date.now() + 9 * 60_000);
    expect(await authenticator.authenticate(bearer)).toMatchObject({ kind: 'authenticated' });
    vi.setSystemTime(Date.now() + 6 * 60_000);
    faults.add({ service: 'entra', times: 1, fault: { delayMs: 300 } });
    const begin = performance.now();
    expect(await authenticator.authenticate(bearer)).toMatchObject({ kind: 'authenticated' });
    expect(performance.now() - begin).toBeLessThan(300);
    await vi.waitFor(async () => {
      // A token that was verified is not verified again for five minutes.
      vi.setSystemTime(Date.now() + 6 * 60_000);
      expect((await authenticator.authenticate(bearer)).kind).toBe('rejected');
    }, 5_000);
  });

  it('that may be new and cannot be fetched leave the token unverified', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    await authenticator.authenticate(`Bearer ${await callerToken()}`);
    vi.setSystemTime(Date.now() + 31_000);
    faults.add({ service: 'entra', fault: { drop: 'before' } });
    expect(await authenticator.authenticate(`Bearer ${await tokenOf(CLAIMS, { kid: 'made-up' })}`)).toMatchObject({
      kind: 'unavailable',
    });
  });
});

function withOtherClaims(token: string): string {
  const [header, payload = '', signature] = token.split('.');
  const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), roles: ['Admin'] };
  return [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
}
