import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { checkServerIdentity, connect, createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Certificates, createCertificates } from '../../../src/sandbox/tls/certificates.ts';

const HOSTS = ['management.azure.com', '*.vault.azure.net'];

let certificates: Certificates;
let server: Server;

beforeAll(async () => {
  certificates = await createCertificates(HOSTS);
  server = createServer(certificates, (socket) => socket.end());
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.close();
});

async function handshake(servername: string, ca: string): Promise<'trusted' | string> {
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port, servername, ca });
  try {
    await once(socket, 'secureConnect');
    return 'trusted';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'no code';
  } finally {
    socket.destroy();
  }
}

describe('createCertificates', () => {
  it.each(['', 'localhost', 'management.azure.com', 'sandbox.vault.azure.net'])(
    'is trusted by a client that knows only the authority: %j',
    async (servername) => {
      expect(await handshake(servername, certificates.caPem)).toBe('trusted');
    },
  );

  it.each(['vault.azure.net', 'a.b.vault.azure.net', 'example.com'])('is not good for %s', async (servername) => {
    expect(await handshake(servername, certificates.caPem)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('is trusted by no client that knows another authority', async () => {
    const other = await createCertificates(HOSTS);
    expect(await handshake('localhost', other.caPem)).not.toBe('trusted');
  });

  it('cannot sign further certificates', () => {
    expect(new X509Certificate(certificates.cert).ca).toBe(false);
    expect(new X509Certificate(certificates.caPem).ca).toBe(true);
  });

  it('names the loopback address', () => {
    expect(checkServerIdentity('127.0.0.1', new X509Certificate(certificates.cert).toLegacyObject())).toBeUndefined();
  });
});
