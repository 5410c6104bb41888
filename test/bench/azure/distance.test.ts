import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { atDistance, type Distance } from './distance.ts';

const HOST = 'management.azure.com';
const ROUND_TRIP_MS = 40;

let server: Server;
let distance: Distance;
afterEach(() => {
  server.close();
  distance.close();
});

/** A connection to a server that does this with each of its own. */
async function reach(serve: (socket: Socket) => void): Promise<Socket> {
  server = createServer({ allowHalfOpen: true }, serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  distance = await atDistance(new Map([[HOST, portOf(server)]]), ROUND_TRIP_MS);
  return connect({ host: '127.0.0.1', port: distance.routes.get(HOST) ?? 0, allowHalfOpen: true });
}

const portOf = (listening: Server): number => (listening.address() as AddressInfo).port;

async function textFrom(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) text += chunk;
  return text;
}

it('takes a round trip to connect and one for an answer, never less', async () => {
  const startedAt = performance.now();
  const socket = await reach((far) => far.pipe(far));
  socket.write('first');
  await once(socket, 'data');
  const connected = performance.now();
  expect(connected - startedAt).toBeGreaterThan(2 * ROUND_TRIP_MS - 2);
  socket.write('second');
  await once(socket, 'data');
  expect(performance.now() - connected).toBeGreaterThan(ROUND_TRIP_MS - 2);
  socket.destroy();
});

it('carries all, in order, to the end and past it', async () => {
  const socket = await reach(async (far) => far.end(`${await textFrom(far)}!`));
  for (let i = 0; i < 100; i++) socket.write(`${i},`);
  socket.end();
  expect(await textFrom(socket)).toBe(`${Array.from({ length: 100 }, (_, i) => `${i},`).join('')}!`);
});

it('carries a connection that is broken here', async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const here = await reach((far) => far.on('error', resolve).resume());
  here.write('x', () => here.resetAndDestroy());
  expect(await promise).toMatchObject({ code: 'ECONNRESET' });
});

it('carries a connection that is broken over there', async () => {
  const socket = await reach((far) => far.on('data', () => far.resetAndDestroy()));
  socket.write('x');
  const [error] = await once(socket.resume(), 'error');
  expect(error).toMatchObject({ code: 'ECONNRESET' });
});
