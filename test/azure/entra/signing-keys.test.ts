import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createCallerAuthenticator } from '../../../src/azure/entra/caller-authenticator.ts';
import { createSigningKeys } from '../../../src/azure/entra/signing-keys.ts';
import type { FaultEffect } from '../../../src/sandbox/kit/faults.ts';
import { AUDIENCE, CLAIMS, extraJwk, now, TENANT, tokenOf, useEntra } from './entra.ts';

const entra = useEntra();

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
    entra.faults.add({ service: 'entra', operation: 'getKeys', fault });
    expect(await entra.authenticator.authenticate(`Bearer ${await entra.callerToken()}`)).toEqual({
      kind: 'unavailable',
      upstream: { service: 'jwks', ...trace },
    });
  });

  it('a damaged key', async () => {
    entra.published = { keys: [{ kty: 'RSA', kid: 'extra', use: 'sig', n: 'AQAB', e: 'AQAB' }] };
    expect(await entra.authenticator.authenticate(`Bearer ${await tokenOf(CLAIMS)}`)).toMatchObject({
      kind: 'unavailable',
    });
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
  it('that were refused leave no connection behind', async () => {
    const open = new Set<unknown>();
    const server = createServer((_, response) => response.writeHead(503).end('x'.repeat(100_000)));
    server.on('connection', (socket) => void open.add(socket.on('close', () => open.delete(socket))));
    server.listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const keys = createSigningKeys(`http://127.0.0.1:${port}`, TENANT);
    for (let tries = 0; tries < 4; tries++) await keys.reload().catch(() => undefined);
    await vi.waitFor(() => expect(open.size).toBeLessThan(2));
  });

  it('are fetched once for many tokens', async () => {
    await entra.authenticator.authenticate(`Bearer ${await entra.callerToken()}`);
    entra.faults.add({ service: 'entra', fault: { status: 500 } });
    expect(await entra.authenticator.authenticate(`Bearer ${await entra.callerToken()}`)).toMatchObject({
      kind: 'authenticated',
    });
  });

  it('that are new are found, but unknown ones do not make us ask all the time', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    entra.published = entra.issuer.jwks;
    await entra.authenticator.authenticate(`Bearer ${await entra.callerToken()}`);
    entra.published = { keys: [await extraJwk()] };
    const token = await tokenOf(CLAIMS);
    expect(await entra.authenticator.authenticate(`Bearer ${token}`)).toMatchObject({ kind: 'rejected' });
    vi.setSystemTime(Date.now() + 31_000);
    expect(await entra.authenticator.authenticate(`Bearer ${token}`)).toMatchObject({ kind: 'authenticated' });
  });

  it('that are known serve for a day while Entra ID is out of reach', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    entra.authenticator = createCallerAuthenticator({ tenantId: TENANT, audience: AUDIENCE });
    const bearer = `Bearer ${await entra.callerToken(3 * 86_400)}`;
    await entra.authenticator.authenticate(bearer);
    entra.faults.add({ service: 'entra', fault: { status: 500 } });
    for (const hours of [0.2, 1, 22]) {
      vi.setSystemTime(Date.now() + hours * 3_600_000);
      expect(await entra.authenticator.authenticate(bearer)).toMatchObject({ kind: 'authenticated' });
    }
    vi.setSystemTime(Date.now() + 3_600_000);
    expect(await entra.authenticator.authenticate(bearer)).toMatchObject({
      kind: 'unavailable',
      upstream: { status: 500 },
    });
    entra.faults.clear();
    expect(await entra.authenticator.authenticate(bearer)).toMatchObject({ kind: 'authenticated' });
  });

  it('are renewed while the known ones serve, so one that is withdrawn soon serves no more', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    entra.authenticator = createCallerAuthenticator({ tenantId: TENANT, audience: AUDIENCE });
    const bearer = `Bearer ${await tokenOf({ ...CLAIMS, exp: now() + 86_400 })}`;
    await entra.authenticator.authenticate(bearer);
    entra.published = entra.issuer.jwks;
    vi.setSystemTime(Date.now() + 9 * 60_000);
    expect(await entra.authenticator.authenticate(bearer)).toMatchObject({ kind: 'authenticated' });
    vi.setSystemTime(Date.now() + 6 * 60_000);
    entra.faults.add({ service: 'entra', times: 1, fault: { delayMs: 2_000 } });
    const begin = performance.now();
    expect(await entra.authenticator.authenticate(bearer)).toMatchObject({ kind: 'authenticated' });
    expect(performance.now() - begin).toBeLessThan(2_000);
    await vi.waitFor(async () => {
      // A token that was verified is not verified again for five minutes.
      vi.setSystemTime(Date.now() + 6 * 60_000);
      expect((await entra.authenticator.authenticate(bearer)).kind).toBe('rejected');
    }, 10_000);
  });

  it('are asked for every ten minutes, and every 30 seconds while Entra ID does not answer', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    const jwk = await extraJwk();
    let isDown = false;
    const fetched = vi
      .spyOn(globalThis, 'fetch')
      .mockImplementation(async () => (isDown ? new Response(null, { status: 503 }) : Response.json({ keys: [jwk] })));
    onTestFinished(() => fetched.mockRestore());
    const keys = createSigningKeys('https://login.example', TENANT);
    const fetchesAfter = async (seconds: number): Promise<number> => {
      vi.setSystemTime(Date.now() + seconds * 1_000);
      fetched.mockClear();
      await keys.get({ alg: 'RS256', kid: 'extra' }, { payload: '', signature: '' });
      await setImmediate();
      return fetched.mock.calls.length;
    };
    expect(await fetchesAfter(0)).toBe(1);
    expect([await fetchesAfter(599), await fetchesAfter(1)]).toEqual([0, 1]);
    isDown = true;
    expect([await fetchesAfter(599), await fetchesAfter(1)]).toEqual([0, 1]);
    expect([await fetchesAfter(29), await fetchesAfter(1)]).toEqual([0, 1]);
    isDown = false;
    expect([await fetchesAfter(29), await fetchesAfter(1), await fetchesAfter(599)]).toEqual([0, 1, 0]);
  });

  it('that may be new and cannot be fetched leave the token unverified', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    await entra.authenticator.authenticate(`Bearer ${await entra.callerToken()}`);
    vi.setSystemTime(Date.now() + 31_000);
    entra.faults.add({ service: 'entra', fault: { drop: 'before' } });
    expect(await entra.authenticator.authenticate(`Bearer ${await tokenOf(CLAIMS, { kid: 'made-up' })}`)).toMatchObject(
      {
        kind: 'unavailable',
      },
    );
  });
});
