/**
 * Preload (`node --import …/rig.ts app`): unmodified clients use production host names, and every TLS connection of the
 * process ends at an emulator on loopback or nowhere. Trust comes from `NODE_EXTRA_CA_CERTS`.
 */
import { syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';
import { env } from 'node:process';
import tls, { type ConnectionOptions, type TLSSocket } from 'node:tls';
import { destinationOf, parseTlsRoutes, TLS_ROUTES_VARIABLE } from './routes.ts';

type SecureConnectListener = () => void;

/** HTTPS, and AMQP over TLS: Azure answers on no other. */
const PORTS: ReadonlySet<number> = new Set([443, 5671]);

const routes = parseTlsRoutes(env[TLS_ROUTES_VARIABLE]);
const connectAnywhere = tls.connect;

Object.assign(tls, { connect: connectRouted });
// Without it, modules that import `connect` from node:tls by name keep the unguarded one.
syncBuiltinESMExports();

function connectRouted(...args: unknown[]): TLSSocket {
  const { options, listener } = normalise(args);
  const host = options.host ?? 'localhost';
  const destination = destinationOf(host, routes);
  // A socket or pipe opened elsewhere leads to a host that nobody has checked.
  if (destination.kind === 'refused' || options.socket || options.path) return refusal(host, options.port);
  if (destination.kind === 'loopback') return connectAnywhere(options, listener);
  if (!PORTS.has(Number(options.port))) return refusal(host, options.port);
  const servername = options.servername || host;
  return connectAnywhere({ ...options, host: '127.0.0.1', port: destination.port, servername }, listener);
}

/** The three signatures of `tls.connect`: (options), (port, host, options) and (path, options), each with a listener. */
function normalise(args: readonly unknown[]): { options: ConnectionOptions; listener?: SecureConnectListener } {
  const options: ConnectionOptions = {};
  for (const [index, arg] of args.entries()) {
    if (typeof arg === 'function') return { options, listener: arg as SecureConnectListener };
    if (typeof arg === 'object' && arg !== null) Object.assign(options, arg);
    else if (index === 1 && typeof arg === 'string') options.host = arg;
    else if (index === 0 && !Number.isNaN(Number(arg))) options.port = Number(arg);
    else if (index === 0 && typeof arg === 'string') options.path = arg;
  }
  return { options };
}

/** Fails as a firewall would: through the socket's `error` event, so that every client's own handling is exercised. */
function refusal(host: string, port: number | undefined): TLSSocket {
  const error = new Error(`sandbox: TLS connection to ${host}:${port ?? '?'} refused: not an emulated host`);
  const socket = new tls.TLSSocket(new Socket());
  socket.destroy(Object.assign(error, { code: 'ECONNREFUSED', syscall: 'connect' }));
  return socket;
}
