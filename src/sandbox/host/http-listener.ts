import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { finished } from 'node:stream/promises';
import { toRpcRequest, writeEmpty, writeReply } from './http-messages.ts';
import type { Invoke } from './invoker.ts';
import { readHeaders, SERVER_OPTIONS } from './kestrel.ts';
import { describeError, type HostLog } from './log.ts';
import { parseRequestTarget } from './request-target.ts';
import { findRoute, type Route } from './routes.ts';
import { type AppSettings, HostStartError } from './settings.ts';
import { startSpan } from './trace.ts';

const DEFAULT_BODY_LIMIT = 104_857_600;

export interface HttpListener {
  readonly port: number;
  /** Takes no more requests; resolves once those under way have been answered. */
  close(): Promise<void>;
}

export interface HttpSite {
  /** In the order in which they are tried. */
  readonly routes: readonly Route[];
  /** Name of the trigger's binding, by function. */
  readonly bindings: ReadonlyMap<string, string>;
  readonly settings: AppSettings;
  readonly invoke: Invoke;
  readonly log: HostLog;
}

/** @throws {HostStartError} when the port is taken. */
export async function listenHttp(port: number, site: HttpSite): Promise<HttpListener> {
  const server = createServer(SERVER_OPTIONS, (req, res) => {
    const isClosing = (): boolean => !server.listening;
    serve(req, res, site, isClosing).catch((error: unknown) => {
      site.log({ level: 'error', category: 'Host.Http', message: describeError(error) });
      res.destroy();
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    const taken = error.code === 'EADDRINUSE';
    throw new HostStartError(
      `Port ${port} is unavailable: ${taken ? 'another program listens on it.' : error.message}`,
    );
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

async function serve(
  req: IncomingMessage,
  res: ServerResponse,
  site: HttpSite,
  isClosing: () => boolean,
): Promise<void> {
  const headers = readHeaders(req);
  if (typeof headers === 'number') return refuse(res, headers);
  const target = parseRequestTarget(req.url ?? '/');
  if (target === undefined) return writeEmpty(res, 400);
  const method = req.method ?? 'GET';
  const found = ADMIN.test(target.path) ? undefined : findRoute(site.routes, method, target.path);
  if (found === undefined) {
    await drain(req);
    return writeEmpty(res, statusOfHost(target.path));
  }
  if (!headers.get('host')) return writeEmpty(res, 500);
  const { functionName } = found.route;
  const length = Number(headers.get('content-length') ?? 0);
  if (length > Number(site.settings.FUNCTIONS_REQUEST_BODY_SIZE_LIMIT ?? DEFAULT_BODY_LIMIT)) {
    const message = `Executed 'Functions.${functionName}' (Failed): Request body too large.`;
    site.log({ level: 'error', category: `Function.${functionName}`, message, functionName });
    return refuse(res, 500);
  }
  const body = await readBody(req, length);
  const outcome = await site.invoke({
    functionName,
    binding: site.bindings.get(functionName) ?? '',
    data: { http: toRpcRequest(method, target, headers, found.values, body) },
    triggerMetadata: {},
    trace: startSpan(headers.get('traceparent'), headers.get('tracestate')),
    reason: 'This function was programmatically called via the host APIs.',
  });
  // A connection kept alive would hold up the end until it times out.
  if (isClosing()) res.shouldKeepAlive = false;
  if (outcome.kind === 'succeeded') writeReply(res, outcome.response.returnValue);
  else writeEmpty(res, 500);
}

/** Kestrel reads what comes after a refusal for some seconds. Without that the reset takes the answer away. */
async function drain(req: IncomingMessage): Promise<void> {
  req.resume();
  await finished(req, { signal: AbortSignal.timeout(DRAIN_MS) }).catch(() => undefined);
}

const DRAIN_MS = 5_000;

/** The host's own API takes its master key and nothing else. */
const ADMIN = /^\/admin(?:\/|$)/i;

function statusOfHost(path: string): number {
  if (ADMIN.test(path)) return 401;
  return path === '/' ? 200 : 404;
}

/**
 * The host reads a body only if its length was announced: a chunked one is dropped on its way to Node.js functions
 * (azure-functions-nodejs-library issue 171).
 */
async function readBody(req: IncomingMessage, length: number): Promise<Buffer | undefined> {
  if (length === 0) {
    req.resume();
    return undefined;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Nothing more is read, so the connection cannot be used again. */
function refuse(res: ServerResponse, status: number): void {
  res.setHeader('connection', 'close');
  writeEmpty(res, status);
}
