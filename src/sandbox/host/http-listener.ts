import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toRpcRequest, writeBody, writeReply } from './http-messages.ts';
import type { Invoke } from './invoker.ts';
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
  const server = createServer({ maxHeaderSize: 32_768, keepAliveTimeout: 130_000 }, (req, res) => {
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
  const target = parseRequestTarget(req.url ?? '/');
  if (target === undefined) return writeBody(res, 400);
  const found = findRoute(site.routes, req.method ?? 'GET', target.path);
  if (found === undefined) return writeBody(res, 404);
  const length = Number(req.headers['content-length'] ?? 0);
  if (length > Number(site.settings.FUNCTIONS_REQUEST_BODY_SIZE_LIMIT ?? DEFAULT_BODY_LIMIT))
    return refuseTooLarge(res);
  const body = await readBody(req, length);
  const { functionName } = found.route;
  const outcome = await site.invoke({
    functionName,
    binding: site.bindings.get(functionName) ?? '',
    data: { http: toRpcRequest(req, target, found.values, body) },
    triggerMetadata: {},
    trace: startSpan(header(req, 'traceparent'), header(req, 'tracestate')),
    reason: 'This function was programmatically called via the host APIs.',
  });
  // A connection kept alive would hold up the end until it times out.
  if (isClosing()) res.shouldKeepAlive = false;
  if (outcome.kind === 'succeeded') writeReply(res, outcome.response.returnValue);
  else writeBody(res, 500);
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

function refuseTooLarge(res: ServerResponse): void {
  // The rest of the body is never read, so the connection cannot be used again.
  res.setHeader('connection', 'close');
  writeBody(res, 413);
}

const header = (req: IncomingMessage, name: string): string | undefined => req.headersDistinct[name]?.join(',');
