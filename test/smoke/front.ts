import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Json, Rig } from '../e2e/harness.ts';
import { revokeByHand } from './revoke-by-hand.ts';

export interface FrontAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
export interface FrontCall {
  readonly method: string;
  readonly path: string;
}
type Tamper = (call: FrontCall, answer: FrontAnswer) => FrontAnswer | Promise<FrontAnswer>;

/** The app as the world reaches it, through a proxy that may lie. */
export interface Front {
  readonly url: string;
  /** Every exchange, in order; without bodies. */
  readonly calls: FrontCall[];
  /** What becomes of the app's answers from now on. */
  tamper(how: Tamper): void;
  honest(): void;
  close(): Promise<void>;
}

const KEYS = '/api/v1/api-keys';

/**
 * The function has no revocation yet: the front stands in for that one route, and does in vault and ARM what it will do.
 * Once the function has it, `withRevocation` goes, and the function answers for itself.
 */
export async function startFront(rig: Rig): Promise<Front> {
  let how: Tamper = (_, answer) => answer;
  const calls: FrontCall[] = [];
  const revoked = new Set<string>();
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = { method: request.method ?? '', path: request.url ?? '' };
    calls.push(call);
    const answer = await how(call, await withRevocation(rig, revoked, call, await forwarded(rig, request, call)));
    response.writeHead(answer.status, answer.headers).end(answer.body);
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    tamper: (tamper) => {
      how = tamper;
    },
    honest: () => {
      how = (_, answer) => answer;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** To the app; a DELETE, which it does not know, as the GET of the same request. */
async function forwarded(rig: Rig, request: IncomingMessage, { method, path }: FrontCall): Promise<FrontAnswer> {
  const { host, connection, 'content-length': _, ...headers } = request.headers;
  const body = await buffer(request);
  const response = await fetch(`${rig.url}${path}`, {
    method: method === 'DELETE' ? 'GET' : method,
    headers: headers as Record<string, string>,
    ...(body.length > 0 && { body: new Uint8Array(body) }),
  });
  const { 'content-length': __, ...answered } = Object.fromEntries(response.headers);
  return { status: response.status, headers: answered, body: await response.text() };
}

async function withRevocation(
  rig: Rig,
  revoked: Set<string>,
  { method, path }: FrontCall,
  answer: FrontAnswer,
): Promise<FrontAnswer> {
  if (!path.startsWith(KEYS) || answer.status >= 300) return answer;
  const body: Json = JSON.parse(answer.body);
  const requestId = String(body.requestId);
  if (method === 'DELETE' && !revoked.has(requestId)) {
    if (body.status !== 'vended') return problem(409, 'request-in-progress', requestId);
    await revokeByHand(rig, body);
    revoked.add(requestId);
  }
  if (!revoked.has(requestId)) return answer;
  return method === 'POST' ? problem(410, 'revoked', requestId) : json(200, { requestId, status: 'revoked' });
}

const json = (status: number, body: Json): FrontAnswer => ({
  status,
  headers: { 'content-type': 'application/json', 'retry-after': '1' },
  body: JSON.stringify(body),
});

export const problem = (status: number, type: string, requestId: string): FrontAnswer =>
  json(status, {
    type: `urn:confluent-key-vending:problem:${type}`,
    title: '',
    status,
    detail: 'As it is.',
    requestId,
  });
