import { errors, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../../../src/azure/entra/caller-authenticator.ts';
import { AUDIENCE, CLAIMS, forgedTokenOf, now, OID, TENANT, tokenBy, tokenOf, useEntra } from './entra.ts';

const entra = useEntra();

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
    ['16 KiB to the byte, which are read', `Bearer ${'a'.repeat(16 * 1024 - 7)}`, /^(?!.*16 KiB)/],
    ['no JWT', 'Bearer opaque', /not a signed JSON Web Token/],
    ['three parts of nothing', 'Bearer a.b.c', /not a signed JSON Web Token/],
  ])('%s', async (_name, header, detail) => {
    entra.faults.add({ service: 'entra', fault: { status: 500 } });
    expect(await entra.authenticator.authenticate(header)).toEqual({
      kind: 'rejected',
      detail: expect.stringMatching(detail),
    });
  });
});

describe('a bad token is rejected:', () => {
  it.each<[string, () => Promise<string>, RegExp]>([
    ['expired', () => entra.callerToken(-120), /expired/],
    ['an ID token, which names no application', () => tokenOf({ ...CLAIMS, azp: undefined }), /access token/],
    ['not valid yet', () => tokenOf({ ...CLAIMS, nbf: now() + 600 }), /not valid yet/],
    ['without an expiry', () => tokenOf({ ...CLAIMS, exp: undefined }), /expiry/],
    ['for another audience', () => tokenOf({ ...CLAIMS, aud: 'api://other' }), /another audience/],
    ['for no audience', () => tokenOf({ ...CLAIMS, aud: undefined }), /another audience/],
    ['of another issuer', () => tokenOf({ ...CLAIMS, iss: 'https://evil.example/v2.0' }), /another issuer/],
    [
      'of a foreign tenant, well signed',
      async () => (await entra.issuer.issueCallerToken({ audience: AUDIENCE, oid: OID, tid: OID })).token,
      /another issuer/,
    ],
    ['whose tenant differs from its issuer', () => tokenOf({ ...CLAIMS, tid: OID }), /another tenant/],
    ['without a tenant', () => tokenOf({ ...CLAIMS, tid: undefined }), /subject \(oid\)/],
    ['without an object id', () => tokenOf({ ...CLAIMS, oid: undefined }), /subject \(oid\)/],
    ...[
      `${OID}:admin`,
      `admin:${OID}`,
      OID.slice(1),
      OID.slice(0, -1),
      OID.replace('-', '0-'),
      OID.replace(/-.{4}-/, '-'),
      OID.replace(/-.{4}-/, '-abc-'),
    ].map((oid): [string, () => Promise<string>, RegExp] => [
      `whose object id is none: ${oid}`,
      () => tokenOf({ ...CLAIMS, oid }),
      /subject \(oid\)/,
    ]),
    ['signed by a stranger', () => forgedTokenOf(CLAIMS), /signature/],
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
        const secret = new TextEncoder().encode(JSON.stringify(entra.published));
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
    const outcome = await entra.authenticator.authenticate(`Bearer ${token}`);
    expect(outcome).toEqual({ kind: 'rejected', detail: expect.stringMatching(detail) });
    for (const value of [TENANT, OID, AUDIENCE, ...token.split('.').filter((part) => part !== '')]) {
      expect(JSON.stringify(outcome)).not.toContain(value);
    }
  });
});

it.each(['RS384', 'RS512', 'PS256', 'ES256'] as const)(
  'a token that a published key signed with %s is rejected: Entra ID signs with RS256',
  async (alg) => {
    const { token, published } = await tokenBy(alg);
    if (published !== undefined) entra.published = { keys: [...entra.published.keys, published] };
    const outcome = await entra.authenticator.authenticate(`Bearer ${token}`);
    expect(outcome).toEqual({ kind: 'rejected', detail: 'The token is not signed with RS256.' });
  },
);

it('a token that lacks any other claim that is required is rejected, in words of ours', () => {
  const lacking = new errors.JWTClaimValidationFailed(`it is ${OID}`, { sub: OID }, 'sub');
  expect(rejectionOf(lacking)).toBe('The token lacks a claim that is required.');
});

function withOtherClaims(token: string): string {
  const [header, payload = '', signature] = token.split('.');
  const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), roles: ['Admin'] };
  return [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
}
