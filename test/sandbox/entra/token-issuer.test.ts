import { createHmac, generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTokenIssuer, type TokenIssuer } from '../../../src/sandbox/entra/token-issuer.ts';

const TENANT = '11111111-1111-4111-8111-111111111111';
const AUDIENCES = ['https://management.azure.com'];
const START = Date.UTC(2026, 0, 1, 12);

let now: number;
let issuer: TokenIssuer;

beforeAll(async () => {
  issuer = await createTokenIssuer({ tenantId: TENANT, now: () => now });
});

beforeEach(() => {
  now = START;
});

const verdictOf = (token: string): Promise<unknown> => issuer.verifier.verify(`Bearer ${token}`, AUDIENCES);
const invalid = (reason: string): unknown => ({ kind: 'invalid', reason });

async function armToken(): Promise<string> {
  const { token } = await issuer.issueResourceToken({ resource: 'https://management.azure.com', oid: 'o', appid: 'a' });
  return token;
}

describe('tokens', () => {
  it('for callers are of version 2.0', async () => {
    const { token, expiresOn } = await issuer.issueCallerToken({
      audience: 'api://vending',
      oid: 'caller',
      appid: 'portal',
      roles: ['Vend'],
    });
    expect(decodeJwt(token)).toEqual({
      ver: '2.0',
      iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
      aud: 'api://vending',
      oid: 'caller',
      sub: 'caller',
      tid: TENANT,
      azp: 'portal',
      roles: ['Vend'],
      iat: START / 1000,
      nbf: START / 1000,
      exp: START / 1000 + 3600,
      uti: expect.any(String),
    });
    expect(expiresOn).toBe(START / 1000 + 3600);
    expect(decodeProtectedHeader(token)).toEqual({ typ: 'JWT', alg: 'RS256', kid: issuer.jwks.keys[0]?.kid });
  });

  it('for Azure resources are of version 1.0, with the resource as it was asked for', async () => {
    const resource = 'https://servicebus.azure.net/';
    const { token } = await issuer.issueResourceToken({ resource, oid: 'principal', appid: 'client' });
    expect(decodeJwt(token)).toMatchObject({
      ver: '1.0',
      iss: `https://sts.windows.net/${TENANT}/`,
      aud: resource,
      oid: 'principal',
      appid: 'client',
      exp: START / 1000 + 86_400,
    });
  });

  it('of another tenant name it in both claims', async () => {
    const { token } = await issuer.issueCallerToken({ audience: 'a', oid: 'o', tid: 'elsewhere' });
    expect(decodeJwt(token)).toMatchObject({
      tid: 'elsewhere',
      iss: 'https://login.microsoftonline.com/elsewhere/v2.0',
    });
  });
});

describe('the verifier', () => {
  it('accepts a token of the managed identity', async () => {
    expect(await verdictOf(await armToken())).toEqual({
      kind: 'valid',
      claims: { iss: `https://sts.windows.net/${TENANT}/`, aud: AUDIENCES[0], tid: TENANT, oid: 'o', appid: 'a' },
    });
  });

  it('accepts a caller token, whose application is in azp', async () => {
    const { token } = await issuer.issueCallerToken({
      audience: 'https://management.azure.com/',
      oid: 'o',
      appid: 'a',
    });
    expect(await verdictOf(token)).toMatchObject({ kind: 'valid', claims: { appid: 'a' } });
  });

  it('takes an absent header for missing, and any other scheme for malformed', async () => {
    expect(await issuer.verifier.verify(undefined, AUDIENCES)).toEqual({ kind: 'missing' });
    expect(await issuer.verifier.verify('Basic b3BlbjpzZXNhbWU=', AUDIENCES)).toEqual(invalid('malformed'));
    expect(await verdictOf('not-a-token')).toEqual(invalid('malformed'));
  });

  it('refuses a token at the second at which it expires', async () => {
    const token = await armToken();
    now += 86_399_000;
    expect(await verdictOf(token)).toMatchObject({ kind: 'valid' });
    now += 1000;
    expect(await verdictOf(token)).toEqual(invalid('expired'));
  });

  it('refuses a token that is not valid yet', async () => {
    const token = await armToken();
    now -= 1000;
    expect(await verdictOf(token)).toEqual(invalid('expired'));
  });

  it('holds a token that was valid before to its times, by a clock that moves either way, and to its audience', async () => {
    const token = await armToken();
    const valid = await verdictOf(token);
    expect(valid).toMatchObject({ kind: 'valid' });
    expect(await verdictOf(token)).toEqual(valid);
    expect(await issuer.verifier.verify(`Bearer ${token}`, ['https://vault.azure.net'])).toEqual(invalid('audience'));
    for (const [at, verdict] of [
      [START + 86_400_000, invalid('expired')],
      [START - 1, invalid('expired')],
      [START + 86_399_999, valid],
    ] as const) {
      now = at;
      expect(await verdictOf(token)).toEqual(verdict);
    }
    const forged = token.replace(/\.(.)([^.]*)$/, (_, first, rest) => `.${first === 'A' ? 'B' : 'A'}${rest}`);
    expect(await verdictOf(forged)).toEqual(invalid('signature'));
  });

  it('remembers a bounded number of tokens, and still accepts those that it has forgotten', async () => {
    const first = await armToken();
    await verdictOf(first);
    for (let count = 0; count < 1001; count++) await verdictOf(await armToken());
    expect(await verdictOf(first)).toMatchObject({ kind: 'valid' });
  });

  it.each([
    ['expired', { expiresIn: 0 }],
    ['expired', { expiresIn: -600 }],
    ['issuer', { tid: 'elsewhere' }],
    ['audience', { audience: 'https://vault.azure.net' }],
  ])('refuses as %s: %j', async (reason, claims) => {
    const { token } = await issuer.issueCallerToken({ audience: 'https://management.azure.com', oid: 'o', ...claims });
    expect(await verdictOf(token)).toEqual(invalid(reason));
  });

  it('refuses a token with an altered payload', async () => {
    const [header, , signature] = (await armToken()).split('.');
    const payload = base64url({ ...decodeJwt(await armToken()), oid: 'somebody-else' });
    expect(await verdictOf(`${header}.${payload}.${signature}`)).toEqual(invalid('signature'));
  });

  it('refuses a token that nobody signed', async () => {
    const token = `${base64url({ alg: 'none', typ: 'JWT' })}.${base64url(decodeJwt(await armToken()))}.`;
    expect(await verdictOf(token)).toEqual(invalid('signature'));
  });

  it('refuses a token signed with the public key as an HMAC secret', async () => {
    const genuine = await armToken();
    const input = `${base64url({ alg: 'HS256', kid: issuer.jwks.keys[0]?.kid })}.${base64url(decodeJwt(genuine))}`;
    const signature = createHmac('sha256', issuer.jwks.keys[0]?.n ?? '')
      .update(input)
      .digest('base64url');
    expect(await verdictOf(`${input}.${signature}`)).toEqual(invalid('signature'));
  });

  it.each(['own', 'unknown'])('refuses a token signed with a foreign key under an %s key id', async (kind) => {
    const genuine = await armToken();
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const kid = kind === 'own' ? `${issuer.jwks.keys[0]?.kid}` : 'unknown';
    const token = await new SignJWT(decodeJwt(genuine)).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey);
    expect(await verdictOf(token)).toEqual(invalid('signature'));
  });
});

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
