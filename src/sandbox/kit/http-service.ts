import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { pipeline, Readable } from 'node:stream';

export interface EmulatorRequest {
  readonly method: string;
  /** Host header without port, lower case. */
  readonly host: string;
  /** Path exactly as it was sent: percent-encoded, not normalised. */
  readonly rawPath: string;
  readonly query: URLSearchParams;
  /** Query exactly as it was sent, without the question mark. */
  readonly rawQuery: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface EmulatorResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A Buffer and a stream are sent as they are, undefined sends no body, anything else is sent as JSON. */
  readonly body?: unknown;
}

export interface RunningService {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves plain HTTP on loopback without faults: for what steers the sandbox and is no part of the emulated Azure. */
export async function serveControl(
  port: number,
  handle: (request: EmulatorRequest) => Promise<EmulatorResponse>,
): Promise<RunningService> {
  const server = createServer((req, res) => {
    readRequest(req)
      .then(handle)
      .then((response) => send(req.socket, res, response, false))
      .catch((error: unknown) => {
        console.error('sandbox: the control API failed', error);
        res.destroy();
      });
  });
  return listen(server, port);
}

export function send(socket: Socket, res: ServerResponse, response: EmulatorResponse, truncate: boolean): void {
  if (response.body instanceof Readable) {
    res.writeHead(response.status, response.headers);
    pipeline(response.body, res, () => undefined);
    return;
  }
  const payload = encode(response.body);
  const headers: Record<string, string> = { ...response.headers };
  if (payload.length > 0 && !hasContentType(headers)) headers['content-type'] = 'application/json; charset=utf-8';
  if (response.status !== 204) headers['content-length'] = String(payload.length);
  res.writeHead(response.status, headers);
  if (!truncate) {
    res.end(payload);
    return;
  }
  res.write(payload.subarray(0, Math.floor(payload.length / 2)), () => socket.destroy());
}

const hasContentType = (headers: Readonly<Record<string, string>>): boolean =>
  Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');

function encode(body: unknown): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(JSON.stringify(body));
}

export async function readRequest(req: IncomingMessage): Promise<EmulatorRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const [rawPath = '/', search = ''] = splitOnce(req.url ?? '/', '?');
  return {
    method: req.method ?? 'GET',
    host: (req.headers.host ?? '').replace(/:\d+$/, '').toLowerCase(),
    rawPath,
    query: new URLSearchParams(search),
    rawQuery: search,
    headers: req.headers,
    body: Buffer.concat(chunks),
  };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** On loopback. Closing it ends each connection, by `cut`. */
export async function listen(
  server: Server,
  port: number,
  cut = (socket: Socket): void => void socket.destroy(),
): Promise<RunningService> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) cut(socket);
      await closed;
    },
  };
}
