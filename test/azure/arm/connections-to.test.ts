import { EventEmitter } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { beforeEach, expect, it, vi } from 'vitest';
import { Connections, connectionsTo, PreparedConnection } from '../../../src/azure/arm/connection.ts';

vi.mock('node:tls', { spy: true });

const setNoDelay = vi.fn();
const destroy = vi.fn();
let sockets: EventEmitter[];
beforeEach(() => {
  vi.clearAllMocks();
  sockets = [];
  vi.mocked(connect).mockImplementation(() => {
    const socket = Object.assign(new EventEmitter(), { setNoDelay, destroy });
    sockets.push(socket);
    return socket as unknown as TLSSocket;
  });
});

const given = () => vi.mocked(connect).mock.calls.map(([options]) => options as unknown);
const rest = { ALPNProtocols: ['http/1.1'], secureContext: expect.anything() };

it.each([
  ['https://management.azure.com', { host: 'management.azure.com', port: 443, servername: 'management.azure.com' }],
  ['https://localhost:8443', { host: 'localhost', port: 8_443, servername: 'localhost' }],
  // An IP address is no legal name of a server.
  ['https://127.0.0.1:8443', { host: '127.0.0.1', port: 8_443 }],
])('a connection to %s speaks HTTP 1.1, and sends small packets at once', (origin, where) => {
  connectionsTo(origin)();
  expect(given()).toEqual([{ ...where, ...rest }]);
  expect(setNoDelay.mock.calls).toEqual([[true]]);
});

it('connections share a context, and the latest session until one of them fails', () => {
  const open = connectionsTo('https://management.azure.com');
  open();
  const session = Buffer.from('session');
  sockets[0]?.emit('session', session);
  open();
  sockets[1]?.emit('error', new Error('The server forgot the session.'));
  open();
  const [first, second, third] = given();
  expect(first).not.toHaveProperty('session');
  expect(second).toEqual({ ...Object(first), session });
  expect(third).toEqual(first);
  expect(Reflect.get(Object(third), 'secureContext')).toBe(Reflect.get(Object(first), 'secureContext'));
});

it('a connection that fails, or is closed, says so to those who wait for it', async () => {
  const open = connectionsTo('https://management.azure.com');
  const [failing, closing] = [open(), open()];
  sockets[0]?.emit('error', Object.assign(new Error('text'), { code: 'ECONNRESET' }));
  sockets[1]?.emit('close');
  // Node leaves a connection open over which something came that is no TLS.
  expect(destroy).toHaveBeenCalledOnce();
  await expect(failing.secured).rejects.toMatchObject({ code: 'ECONNRESET' });
  await expect(closing.secured).rejects.toMatchObject({ name: 'ConnectionUnusable' });
});

it.each([
  ['that can be written no more', { readable: true, writable: false, readableLength: 0 }],
  ['that can be read no more', { readable: false, writable: true, readableLength: 0 }],
  ['over which something came unasked', { readable: true, writable: true, readableLength: 1 }],
])('a connection %s is closed, and the next one is taken', async (_what, state) => {
  const destroyed: unknown[] = [];
  const socketOf = (now: object) => {
    const socket = { ...now, destroy: () => destroyed.push(socket) };
    return socket as unknown as TLSSocket;
  };
  const [spoiled, good] = [socketOf(state), socketOf({ readable: true, writable: true, readableLength: 0 })];
  const opened = [spoiled, good];
  const open = () => ({ socket: opened.shift() ?? good, secured: Promise.resolve() });
  const prepared = new PreparedConnection(new Connections(open));
  expect(await prepared.take()).toBe(good);
  expect(destroyed).toEqual([spoiled]);
});
