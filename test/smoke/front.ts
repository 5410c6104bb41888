import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Json, Rig } from '../e2e/harness.ts';

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

/** The app as clients reach it, through a proxy that may lie. */
export interface Front {
  readonly url: string;
  /** Every exchange, in order; without bodies. */
  readonly calls: FrontCall[];
  /** Changes the app's answers from now on. */
  tamper(how: Tamper): void;
  honest(): void;
  close(): Promise<void>;
}

export async function startFront(rig: Rig): Promise<Front> {
  let how: Tamper = (_, answer) => answer;
  const calls: FrontCall[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = { method: request.method ?? '', path: request.url ?? '' };
    calls.push(call);
    const answer = await how(call, await forwarded(rig, request, call));
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

async function forwarded(rig: Rig, request: IncomingMessage, { method, path }: FrontCall): Promise<FrontAnswer> {
  const { host, connection, 'content-length': _, ...headers } = request.headers;
  const body = await buffer(request);
  const response = await fetch(`${rig.url}${path}`, {
    method,
    headers: headers as Record<string, string>,
    ...(body.length > 0 && { body: new Uint8Array(body) }),
  });
  const { 'content-length': __, ...answered } = Object.fromEntries(response.headers);
  return { status: response.status, headers: answered, body: await response.text() };
}

const json = (status: number, body: Json): FrontAnswer => ({
  status,
  headers: { 'content-type': 'application/json', 'retry-after': '1' },
  body: JSON.stringify(body),
});

export const problem = (status: number, type: string, credentialId: string): FrontAnswer =>
  json(status, {
    type: `urn:confluent-key-vending:problem:${type}`,
    title: '',
    status,
    detail: 'As it is.',
    credentialId,
  });
