import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { createCertificates } from '../../../src/sandbox/tls/certificates.ts';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Number of the connection. Two requests with the same number shared it. */
  readonly connection: number;
}

/** Decides about a request that has been read. */
export type Script = (res: ServerResponse, request: SeenRequest, faults: SocketFaults) => void;

export interface SocketFaults {
  /** Cuts the TCP connection under the TLS one with a RST. */
  reset(): void;
}

export interface ScriptedArm {
  readonly endpoint: string;
  readonly port: number;
  /** Forgets what was seen. */
  play(script: Script): void;
  seen(): readonly SeenRequest[];
  posts(): number;
  close(): Promise<void>;
}

/** An HTTPS server on loopback, trusted by this process, that misbehaves to order, down to the socket. */
export async function startScriptedArm(): Promise<ScriptedArm> {
  const { caPem, cert, key } = await createCertificates([]);
  setDefaultCACertificates([...getCACertificates('default'), caPem]);
  let script: Script = (res) => res.writeHead(500).end();
  let seen: SeenRequest[] = [];
  const connections = new Map<Socket, number>();
  const tcp = new Map<number | undefined, Socket>();
  const server = createServer({ cert, key }, async (req, res) => {
    const body = await readText(req);
    const connection = connections.get(req.socket) ?? connections.size;
    connections.set(req.socket, connection);
    const request = { method: req.method ?? '', url: req.url ?? '', headers: req.headers, body, connection };
    seen.push(request);
    script(res, request, { reset: () => tcp.get(req.socket.remotePort)?.resetAndDestroy() });
  });
  server.on('connection', (socket: Socket) => tcp.set(socket.remotePort, socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `https://127.0.0.1:${port}`,
    port,
    play: (next) => {
      script = next;
      seen = [];
    },
    seen: () => seen,
    posts: () => seen.filter(({ method }) => method === 'POST').length,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function readText(req: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of req.setEncoding('utf8')) text += chunk;
  return text;
}
