import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Something between a caller and the function that loses answers, as networks do, and is busy at times, as gateways are. */
export interface Gateway {
  readonly url: string;
  /** Each request with its answer, in order. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

/** The first change of a kind loses its answer, the gateway turns the second away, and the third comes through. */
const LOST = 1;
const BUSY = 2;

/** @param target the function, such as `http://127.0.0.1:7071` */
export async function startGateway(target: string): Promise<Gateway> {
  const log: string[] = [];
  const counts = new Map<string, number>();
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const kind = `${incoming.method} ${incoming.url?.replace(/[a-z2-7]{26}/, '{id}')}`;
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    const body = Buffer.concat(await incoming.toArray());
    const isChange = incoming.method !== 'GET';
    if (isChange && count === BUSY) {
      log.push(`${kind} busy`);
      outgoing.writeHead(503, { 'retry-after': '1', 'content-type': 'text/html' }).end('<h1>Busy</h1>');
      return;
    }
    const forwarded = send(`${target}${incoming.url}`, { method: incoming.method, headers: incoming.headers });
    forwarded.end(body);
    const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
    const answered = Buffer.concat(await answer.toArray());
    if (isChange && count === LOST) {
      log.push(`${kind} ${answer.statusCode}, lost`);
      outgoing.destroy();
      return;
    }
    log.push(`${kind} ${answer.statusCode}`);
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(answered);
  };
  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/api`,
    log,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
