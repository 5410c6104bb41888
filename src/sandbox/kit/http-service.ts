import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { FaultEffect, FaultPlan, FaultService } from './faults.ts';

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
  /** A Buffer is sent as it is, undefined sends no body, anything else as JSON. */
  readonly body?: unknown;
}

/** A request that was recognised: what it is called in the fault plan, and how to do it. */
export interface EmulatorCall {
  readonly operation: string;
  /** Acts and answers. `fault` is given for effects that only the emulator itself can apply (`secret`, `owner`, …). */
  perform(fault: FaultEffect | undefined): EmulatorResponse | Promise<EmulatorResponse>;
}

export interface EmulatorServiceOptions {
  readonly service: FaultService;
  readonly faults: FaultPlan;
  /** Absent: plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly port?: number;
  route(request: EmulatorRequest): EmulatorCall;
  /** Headers that the service puts on an injected `status` fault too, such as a request id. */
  faultHeaders?(): Readonly<Record<string, string>>;
  /** Told of every exchange once it is over; `status` is absent where the connection was cut. */
  onExchange?(request: EmulatorRequest, operation: string, status: number | undefined): void;
}

export interface RunningService {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves one emulated HTTP service on loopback, with the faults of the plan applied around its operations. */
export async function serveEmulator(options: EmulatorServiceOptions): Promise<RunningService> {
  const listener = (req: IncomingMessage, res: ServerResponse): void => {
    exchange(options, req, res).catch((error: unknown) => {
      console.error(`sandbox: the ${options.service} emulator failed`, error);
      res.destroy();
    });
  };
  const server = options.tls === undefined ? createHttpServer(listener) : createHttpsServer(options.tls, listener);
  server.keepAliveTimeout = 65_000;
  return listen(server, options.port ?? 0);
}

/** Serves plain HTTP on loopback without faults: for what steers the sandbox and is no part of the emulated Azure. */
export async function serveControl(
  port: number,
  handle: (request: EmulatorRequest) => Promise<EmulatorResponse>,
): Promise<RunningService> {
  const server = createHttpServer((req, res) => {
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

async function exchange(options: EmulatorServiceOptions, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const request = await readRequest(req);
  const call = options.route(request);
  const fault = options.faults.take(options.service, call.operation);
  if (fault?.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
  const { holdMs } = fault ?? {};
  if (holdMs !== undefined || fault?.drop === 'before') {
    req.socket.destroy();
    if (holdMs !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, holdMs));
      await call.perform(fault);
    }
    options.onExchange?.(request, call.operation, undefined);
    return;
  }
  const response = await respond(options, call, fault);
  if (fault?.drop === 'after') {
    req.socket.destroy();
    options.onExchange?.(request, call.operation, undefined);
    return;
  }
  options.onExchange?.(request, call.operation, response.status);
  send(req.socket, res, response, fault?.truncate === true);
}

async function respond(
  { faultHeaders }: EmulatorServiceOptions,
  call: EmulatorCall,
  fault: FaultEffect | undefined,
): Promise<EmulatorResponse> {
  if (fault?.status !== undefined) return injected(fault.status, fault, faultHeaders?.());
  const response = await call.perform(fault);
  if (fault?.answerStatus === undefined) return response;
  return { status: fault.answerStatus, headers: { ...faultHeaders?.(), ...fault.headers } };
}

function injected(status: number, fault: FaultEffect, base: Readonly<Record<string, string>> = {}): EmulatorResponse {
  const body = fault.body ?? { error: { code: 'InjectedFault', message: 'Injected by the sandbox.' } };
  return { status, headers: { ...base, ...fault.headers }, body };
}

function send(socket: Socket, res: ServerResponse, response: EmulatorResponse, truncate: boolean): void {
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

async function readRequest(req: IncomingMessage): Promise<EmulatorRequest> {
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

async function listen(server: Server, port: number): Promise<RunningService> {
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
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
