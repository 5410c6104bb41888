import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { createCertificates } from '../../../src/sandbox/tls/certificates.ts';

/** One connection as the peer sees it. */
export interface SeenConnection {
  /** All that came over it, decrypted. */
  received(): string;
  readonly isResumed: boolean;
  readonly closed: Promise<unknown>;
  /** Sends these bytes, whether or not something was asked. */
  say(text: string): Promise<void>;
  /** Closes it as TLS does, after these bytes. */
  end(text?: string): Promise<void>;
  /** Cuts it with a RST. */
  reset(): void;
  /** Sends bytes that are no TLS, and leaves it open. */
  garble(): void;
}

export interface TlsPeer {
  readonly endpoint: string;
  /** Those whose handshake is done. */
  connections(): readonly SeenConnection[];
  /** The connection with this number, from 0, once its handshake is done. */
  connection(index: number): Promise<SeenConnection>;
  close(): Promise<void>;
}

/** A server on loopback that speaks TLS, is trusted by this process, and answers every request with `answer`. */
export async function startTlsPeer(answer: string): Promise<TlsPeer> {
  const { caPem, cert, key } = await createCertificates([]);
  setDefaultCACertificates([...getCACertificates('default'), caPem]);
  const connections: SeenConnection[] = [];
  const tcp = new Map<number | undefined, Socket>();
  const arrivals: (() => void)[] = [];
  const server = createTlsServer({ cert, key }, (socket) => {
    const seen = watched(socket, answer, () => tcp.get(socket.remotePort));
    connections.push(seen);
    for (const arrived of arrivals.splice(0)) arrived();
  });
  server.on('connection', (socket: Socket) => tcp.set(socket.remotePort, socket));
  const port = await listen(server);
  const connection = async (index: number): Promise<SeenConnection> => {
    const seen = connections[index];
    if (seen !== undefined) return seen;
    await new Promise<void>((resolve) => arrivals.push(resolve));
    return connection(index);
  };
  return {
    endpoint: `https://127.0.0.1:${port}`,
    connections: () => connections,
    connection,
    close: async () => {
      for (const socket of tcp.values()) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function watched(socket: TLSSocket, answer: string, under: () => Socket | undefined): SeenConnection {
  let received = '';
  socket.on('data', (bytes) => {
    received += bytes.toString('latin1');
    // Its body ends a request.
    if (received.endsWith('}') && socket.writable) socket.end(answer);
  });
  socket.on('error', () => undefined);
  return {
    received: () => received,
    isResumed: socket.isSessionReused(),
    // `once` of events rejects where an error comes first.
    closed: new Promise<void>((resolve) => socket.once('close', () => resolve())),
    say: (text) => new Promise((resolve) => socket.write(text, () => resolve())),
    end: (text = '') => new Promise((resolve) => socket.end(text, () => resolve())),
    reset: () => under()?.resetAndDestroy(),
    garble: () => void under()?.write('no TLS at all'),
  };
}

export interface TcpPeer {
  readonly endpoint: string;
  /** The first connection, once it is there. */
  readonly first: Promise<Socket>;
  connections(): number;
  close(): Promise<void>;
}

/** A server on loopback that does to each connection whatever it likes, once the ClientHello has come. */
export async function startTcpPeer(misbehave: (socket: Socket) => void): Promise<TcpPeer> {
  const { promise: first, resolve } = Promise.withResolvers<Socket>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    resolve(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => misbehave(socket));
  });
  const port = await listen(server);
  return {
    endpoint: `https://127.0.0.1:${port}`,
    first,
    connections: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

export async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** An answer as it goes over the wire. */
export const httpAnswer = (status: string, body: object): string => {
  const json = JSON.stringify(body);
  return `HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`;
};
