import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createConfluentKeys } from '../../../src/azure/arm/confluent-keys.ts';
import { createCertificates } from '../../../src/sandbox/tls/certificates.ts';
import { goodCredential, MINT, mint, TARGET } from './fixtures.ts';
import { listen, startTcpPeer } from './peers.ts';
import { startSilentListener } from './silent-listener.ts';

const SHORT_MS = 300;

const mintAt = (endpoint: string, deadlineMs?: number) =>
  mint(createConfluentKeys({ credential: goodCredential, endpoint }), MINT, deadlineMs);

/** A fatal alert: handshake_failure. */
const ALERT = Buffer.from([0x15, 3, 3, 0, 2, 2, 40]);

describe('a POST is not sent', () => {
  it('to an unknown host', async () => {
    const outcome = await mintAt('https://arm.invalid');
    expect(outcome).toEqual({
      kind: 'not-sent',
      upstream: { service: 'arm', code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) },
    });
  });

  it('to a closed port', async () => {
    const server = createServer();
    const port = await listen(server);
    server.close();
    await once(server, 'close');
    expect(await mintAt(`https://127.0.0.1:${port}`)).toEqual({
      kind: 'not-sent',
      upstream: { service: 'arm', code: 'ECONNREFUSED' },
    });
  });

  it('to a port that answers no SYN', async () => {
    const listener = await startSilentListener();
    expect(await mintAt(`https://127.0.0.1:${listener.port}`, SHORT_MS)).toEqual({
      kind: 'not-sent',
      upstream: { service: 'arm', code: 'TimeoutError' },
    });
    expect(listener.isSilent()).toBe(true);
    await listener.close();
  });

  it.each<[string, (socket: Socket) => void, object]>([
    // OpenSSL's code for an alert has a slash, so it is no code for a trace.
    ['refuses the handshake', (socket) => socket.end(ALERT), {}],
    ['closes within the handshake', (socket) => socket.end(), { code: 'ECONNRESET' }],
    ['resets within the handshake', (socket) => socket.resetAndDestroy(), { code: 'ECONNRESET' }],
    ['answers without TLS', (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'), { code: expect.any(String) }],
  ])('to a peer that %s, which is tried twice', async (_name, misbehave, code) => {
    const peer = await startTcpPeer(misbehave);
    expect(await mintAt(peer.endpoint)).toEqual({ kind: 'not-sent', upstream: { service: 'arm', ...code } });
    expect(peer.connections()).toBe(2);
    await peer.close();
  });

  it('to a peer that never answers the handshake, whose connection is closed then', async () => {
    const peer = await startTcpPeer(() => undefined);
    expect(await mintAt(peer.endpoint, SHORT_MS)).toEqual({
      kind: 'not-sent',
      upstream: { service: 'arm', code: 'TimeoutError' },
    });
    await once(await peer.first, 'close');
    await peer.close();
  });

  it.each<[string, string, boolean, string]>([
    ['that nobody vouches for', '127.0.0.1', false, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['of another host', '127.0.0.2', true, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('to a peer with a certificate %s', async (_name, host, isTrusted, code) => {
    const { caPem, cert, key } = await createCertificates([]);
    if (isTrusted) setDefaultCACertificates([...getCACertificates('default'), caPem]);
    let requests = 0;
    const impostor = createHttpsServer({ cert, key }, () => {
      requests += 1;
    });
    const port = await listen(impostor, host);
    expect(await mintAt(`https://${host}:${port}`)).toEqual({ kind: 'not-sent', upstream: { service: 'arm', code } });
    impostor.close();
    await once(impostor, 'close');
    expect(requests).toBe(0);
  });
});

afterEach(() => void vi.useRealTimers());

it.each(['getKey', 'deleteKey'] as const)(
  '%s says nothing where its token does not come within 15 seconds',
  async (ask) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const keys = createConfluentKeys({ credential: { getToken: () => new Promise<never>(() => undefined) } });
    const asking = keys[ask](TARGET, 'KEY');
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await Promise.race([asking, 'still waiting'])).toMatchObject({
      kind: 'unclear',
      upstream: { service: 'identity' },
    });
  },
);
