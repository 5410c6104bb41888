import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { TlsRoutes } from '../../../src/sandbox/tls/routes.ts';

export interface Distance {
  /** To the same hosts, the long way round. */
  readonly routes: TlsRoutes;
  close(): void;
}

/** Loopback is nowhere: what is reached over these routes is `roundTripMs` away, at least, connecting included. */
export async function atDistance(routes: TlsRoutes, roundTripMs: number): Promise<Distance> {
  const servers: Server[] = [];
  const far = new Map<string, number>();
  for (const [host, port] of routes) {
    const server = createServer({ noDelay: true, allowHalfOpen: true, pauseOnConnect: true }, (near) =>
      // The client is connected already.
      setTimeout(() => join(near, port, roundTripMs / 2), roundTripMs),
    );
    servers.push(server.listen(0, '127.0.0.1'));
    await once(server, 'listening');
    far.set(host, (server.address() as AddressInfo).port);
  }
  return {
    routes: far,
    close: () => {
      for (const server of servers) server.close();
    },
  };
}

function join(near: Socket, port: number, oneWayMs: number): void {
  const far = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true });
  carry(near, far, oneWayMs);
  carry(far, near, oneWayMs);
  near.resume();
}

/** Timers of one duration keep their order, and so does what they carry. */
function carry(from: Socket, to: Socket, oneWayMs: number): void {
  const arrive = (act: () => void): void => void setTimeout(act, oneWayMs);
  from.on('data', (chunk) => arrive(() => to.write(chunk)));
  from.on('end', () => arrive(() => to.end()));
  from.on('error', () => arrive(() => to.resetAndDestroy()));
  from.on('close', () => arrive(() => to.destroy()));
}
