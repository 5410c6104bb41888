import { inspect } from 'node:util';
import type { AccessToken, TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { describe, expect, it } from 'vitest';
import { createSecretVault } from '../../../src/azure/vault/secret-vault.ts';
import type { SecretToStore } from '../../../src/vending/ports/secret-vault.ts';
import { Secret } from '../../../src/vending/secret/secret.ts';
import { ScriptedVault, type Turn, VAULT_URL } from './scripted-vault.ts';

const CANARY = 'cfltCanary/0123456789+abcdefghijklmnopqrstuvwxyz';
const VERSION = '0123456789abcdef0123456789abcdef';
const STORED: Turn = {
  status: 200,
  headers: { 'x-ms-request-id': 'req-1' },
  body: { value: CANARY, id: `${VAULT_URL}/secrets/orders/${VERSION}`, attributes: { enabled: true } },
};
const refusal = (status: number, headers: Readonly<Record<string, string>> = {}): Turn => ({
  status,
  headers,
  body: { error: { code: 'Refused', message: `the value was ${CANARY}` } },
});
const refusalFor = (status: number, innerCode: string, requestId = 'req'): Turn => ({
  status,
  headers: { 'x-ms-request-id': requestId },
  body: { error: { code: 'Outer', message: 'text', innererror: { code: innerCode } } },
});

const SECRET: SecretToStore = {
  vaultUrl: VAULT_URL,
  name: 'orders',
  value: new Secret(CANARY),
  contentType: 'text/plain',
  expiresOn: new Date('2027-01-01T00:00:00Z'),
  tags: { 'vend-id': 'i', 'vend-attempt': '1', 'vend-nonce': 'n', 'vend-key': 'k' },
};

const granting: TokenCredential = {
  getToken: async () => ({ token: 't', expiresOnTimestamp: Date.now() + 3_600_000 }),
};
const clock = { now: Date.now, sleep: async () => undefined };

function vaultOn(httpClient: ScriptedVault, credential: TokenCredential = granting) {
  const retryOptions = { maxRetries: 3, retryDelayInMs: 1, maxRetryDelayInMs: 2 };
  return createSecretVault({ credential, clock, clientOptions: { httpClient, retryOptions } });
}

const truncated = `{"value":"${CANARY}","id":"${VAULT_URL}/sec`;

describe('a store says what is proven over all its tries', () => {
  it.each<[string, Turn[], 'stored' | 'refused' | 'ambiguous', number]>([
    ['an answer with a version', [STORED], 'stored', 1],
    ['throttled, then an answer', [refusal(429, { 'retry-after': '0' }), STORED], 'stored', 2],
    ['no connection, then an answer', [{ error: 'ECONNREFUSED' }, STORED], 'stored', 2],
    ['no such host, then an answer', [{ error: 'ENOTFOUND' }, STORED], 'stored', 2],
    ['throttled at every try', [refusal(429, { 'retry-after': '0' })], 'refused', 4],
    ['throttled without a word on when to come back', [refusal(429)], 'refused', 4],
    ['no connection at any try', [{ error: 'ECONNREFUSED' }], 'refused', 4],
    ['no such host', [{ error: 'ENOTFOUND' }], 'refused', 4],
    ['no name resolution', [{ error: 'EAI_AGAIN' }], 'refused', 1],
    ['no connection, then refused', [{ error: 'ECONNREFUSED' }, refusal(403)], 'refused', 2],
    ['throttled, then reset', [refusal(429, { 'retry-after': '0' }), { error: 'ECONNRESET' }, STORED], 'ambiguous', 2],
    ['unavailable', [refusal(503), STORED], 'ambiguous', 1],
    ['unavailable, and asked to come back', [refusal(503, { 'retry-after': '0' }), STORED], 'ambiguous', 1],
    ...[408, 410, 500, 501, 502, 504].map((status): [string, Turn[], 'ambiguous', number] => [
      `answered with ${status}`,
      [refusal(status), STORED],
      'ambiguous',
      1,
    ]),
    ...['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ESOCKETTIMEDOUT', 'ENOENT'].map(
      (error): [string, Turn[], 'ambiguous', number] => [`broken off by ${error}`, [{ error }, STORED], 'ambiguous', 1],
    ),
    ['an answer that is cut short', [{ status: 200, body: truncated }], 'ambiguous', 1],
    ['an answer without an identifier', [{ status: 200, body: { value: CANARY } }], 'ambiguous', 1],
    ['an empty success', [{ status: 204, body: '' }], 'ambiguous', 1],
    ...[
      ['for another secret', `${VAULT_URL}/secrets/other/${VERSION}`],
      ['without a version', `${VAULT_URL}/secrets/orders`],
      ['whose identifier is no address of a vault', `x${VAULT_URL}/secrets/orders/${VERSION}`],
    ].map(([which, id]): [string, Turn[], 'ambiguous', number] => [
      `an answer ${which}`,
      [{ status: 200, body: { value: CANARY, id } }],
      'ambiguous',
      1,
    ]),
    [
      'a redirect, which is not followed',
      [{ status: 307, headers: { location: `${VAULT_URL}/elsewhere` } }, STORED],
      'ambiguous',
      1,
    ],
  ])('%s', async (_case, turns, kind, tries) => {
    const http = new ScriptedVault(...turns);
    const outcome = await vaultOn(http).store(SECRET, 10_000);
    expect(outcome.kind).toBe(kind);
    expect(http.tries).toHaveLength(tries);
    expect(inspect(outcome, { showHidden: true, depth: null })).not.toContain(CANARY);
  });

  it.each<[Turn, 'soft-deleted' | 'transient' | 'denied', string]>([
    [refusalFor(409, 'ObjectIsDeletedButRecoverable'), 'soft-deleted', 'ObjectIsDeletedButRecoverable'],
    [refusalFor(409, 'ObjectIsBeingDeleted'), 'transient', 'ObjectIsBeingDeleted'],
    [refusalFor(409, 'ObjectIsBeingRecovered'), 'transient', 'ObjectIsBeingRecovered'],
    [refusalFor(409, 'ConflictError'), 'transient', 'ConflictError'],
    [refusal(409), 'transient', 'Refused'],
    [refusalFor(403, 'ForbiddenByFirewall'), 'transient', 'ForbiddenByFirewall'],
    [refusalFor(403, 'ForbiddenByConnection'), 'transient', 'ForbiddenByConnection'],
    [refusalFor(403, 'ForbiddenByRbac'), 'transient', 'ForbiddenByRbac'],
    [refusalFor(403, 'ForbiddenByPolicy'), 'transient', 'ForbiddenByPolicy'],
    [refusalFor(403, 'AccessDenied'), 'transient', 'AccessDenied'],
    [refusalFor(403, 'SomethingElse'), 'denied', 'SomethingElse'],
    [refusal(404), 'transient', 'Refused'],
    [refusal(429, { 'retry-after': '0' }), 'transient', 'Refused'],
    [{ error: 'ECONNREFUSED' }, 'transient', 'ECONNREFUSED'],
    // The identity is out of order, or its last token has expired. The vault refuses nothing.
    [refusal(401), 'transient', 'Refused'],
    ...[400, 403, 405, 413, 415, 422].map((status): [Turn, 'denied', string] => [refusal(status), 'denied', 'Refused']),
  ])('%j is refused as %s', async (turn, reason, code) => {
    const outcome = await vaultOn(new ScriptedVault(turn)).store(SECRET, 10_000);
    expect(outcome).toMatchObject({ kind: 'refused', reason, upstream: { service: 'vault', code } });
  });

  it('logs what an answer that proves nothing said', async () => {
    const http = new ScriptedVault(refusalFor(503, 'BackendBusy', 'req-2'));
    expect(await vaultOn(http).store(SECRET, 10_000)).toEqual({
      kind: 'ambiguous',
      upstream: { service: 'vault', status: 503, code: 'BackendBusy', requestId: 'req-2' },
    });
  });

  it('is denied, and sends nothing, for an expiry that the SDK would write as a negative number', async () => {
    const expiresOn = new Date('2038-01-19T03:14:08Z');
    const http = new ScriptedVault(STORED);
    const outcome = await vaultOn(http).store({ ...SECRET, expiresOn }, 10_000);
    expect(outcome).toMatchObject({ reason: 'denied', upstream: { code: 'ExpiryOutOfRange' } });
    expect(http.tries).toEqual([]);

    // Once this fails, the SDK is fixed and the guard can go.
    await new SecretClient(VAULT_URL, granting, { httpClient: http }).setSecret('orders', CANARY, { expiresOn });
    expect(JSON.parse(http.tries[0]?.body ?? '').attributes.exp).toBe(-(2 ** 31));
  });

  it('sends what was asked for and answers with the version that the vault named', async () => {
    const http = new ScriptedVault(STORED);
    const outcome = await vaultOn(http).store(SECRET, 10_000);
    expect(outcome).toEqual({
      kind: 'stored',
      stored: { id: `${VAULT_URL}/secrets/orders/${VERSION}`, version: VERSION },
      upstream: { service: 'vault', status: 200, requestId: 'req-1' },
    });
    expect(http.tries.map(({ method, path }) => `${method} ${path}`)).toEqual(['PUT /secrets/orders']);
    expect(JSON.parse(http.tries[0]?.body ?? '')).toEqual({
      value: CANARY,
      contentType: 'text/plain',
      attributes: { exp: Date.parse('2027-01-01T00:00:00Z') / 1000 },
      tags: SECRET.tags,
    });
  });

  it('takes the name in any case, as the vault does', async () => {
    const answer = { status: 200, body: { value: CANARY, id: `${VAULT_URL}/secrets/ORDERS/${VERSION}` } };
    const outcome = await vaultOn(new ScriptedVault(answer)).store({ ...SECRET, name: 'Orders' }, 10_000);
    expect(outcome.kind).toBe('stored');
  });

  it('is ambiguous when a try is still open at the deadline', async () => {
    const outcome = await vaultOn(new ScriptedVault('hang')).store(SECRET, 50);
    expect(outcome).toEqual({ kind: 'ambiguous', upstream: { service: 'vault', code: 'TimeoutError' } });
  });

  it('is refused when the deadline cuts the wait after a throttled try', async () => {
    const throttled: Turn = { status: 429, headers: { 'retry-after': '60' } };
    const http = new ScriptedVault(throttled);
    expect(await vaultOn(http).store(SECRET, 200)).toEqual({
      ...{ kind: 'refused', reason: 'transient' },
      upstream: { service: 'vault', status: 429 },
    });
    expect(http.tries).toHaveLength(1);
  });

  it('is refused without a token, and nothing was sent', async () => {
    const http = new ScriptedVault(STORED);
    const refusing: TokenCredential = { getToken: () => Promise.reject(new Error(`no token for ${CANARY}`)) };
    const outcome = await vaultOn(http, refusing).store(SECRET, 10_000);
    expect(outcome).toEqual({ kind: 'refused', reason: 'transient', upstream: { service: 'vault' } });
    expect(http.tries).toHaveLength(0);
  });

  it('sends nothing after it answered refused, even if a token comes after the deadline', async () => {
    const http = new ScriptedVault(STORED);
    const token = Promise.withResolvers<AccessToken>();
    const outcome = await vaultOn(http, { getToken: () => token.promise }).store(SECRET, 50);
    expect(outcome.kind).toBe('refused');
    token.resolve({ token: 'late', expiresOnTimestamp: Date.now() + 3_600_000 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(http.tries).toHaveLength(0);
  });
});
