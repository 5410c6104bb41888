import { isIP } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { connect, createSecureContext, type TLSSocket } from 'node:tls';

/** A connection that is being opened. */
export interface Opening {
  readonly socket: TLSSocket;
  /** Resolves with `secureConnect`. Rejects with what ended the connection before. */
  readonly secured: Promise<void>;
}

/** Opens a new connection on every call. Does not throw. */
export type OpenConnection = () => Opening;

/** The connection failed before a request was handed to it, so nothing was sent. */
export class ConnectionUnusable extends Error {
  override readonly name = 'ConnectionUnusable';
}

/**
 * Without a shared context, Node makes one for each connection, which is a third of the cost of a connection. Sessions
 * are resumed, until a connection fails.
 */
export function connectionsTo(origin: string): OpenConnection {
  const { hostname: host, port } = new URL(origin);
  const secureContext = createSecureContext();
  let session: Buffer | undefined;
  return () => {
    const socket = connect({
      host,
      port: port === '' ? 443 : Number(port),
      // An IP address is no legal name here.
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ALPNProtocols: ['http/1.1'],
      secureContext,
      ...(session === undefined ? {} : { session }),
    });
    socket.setNoDelay(true);
    socket.on('session', (latest) => {
      session = latest;
    });
    const { promise: secured, resolve, reject } = Promise.withResolvers<void>();
    socket.once('secureConnect', resolve);
    // This listener stays: an error on an idle socket that nobody listens to would end the process.
    socket.on('error', (error) => {
      session = undefined;
      reject(error);
      // After bytes that are no TLS, Node leaves the connection open.
      socket.destroy();
    });
    socket.once('close', () => reject(new ConnectionUnusable('The connection was closed.')));
    secured.catch(() => undefined);
    return { socket, secured };
  };
}

/** Milliseconds. The POST over a connection that was lost without a word has an unknown outcome, so none waits for long. */
const MAX_AHEAD_MS = 2_000;

interface Ahead {
  readonly opening: Opening;
  /** Milliseconds since the epoch. */
  readonly until: number;
  readonly expiry: NodeJS.Timeout;
  isSecure: boolean;
}

/**
 * Connections to one origin. One of them is kept open ahead of the request that may follow soon, so that it waits for no
 * handshake. It is as unused as a new one.
 */
export class Connections {
  readonly open: OpenConnection;
  #ahead: Ahead | undefined;

  constructor(open: OpenConnection) {
    this.open = open;
  }

  /** The one that is open ahead, or else a new one. One whose handshake hangs is left to its expiry. */
  take(): Opening {
    const ahead = this.#ahead;
    // The timer of a process that was stopped is late.
    if (ahead === undefined || !ahead.isSecure || Date.now() >= ahead.until) return this.open();
    clearTimeout(ahead.expiry);
    this.#ahead = undefined;
    return ahead.opening;
  }

  /** Opens one ahead, unless it is there. It closes if nobody takes it in time. */
  prepare(): void {
    if (this.#ahead !== undefined) return;
    const opening = this.open();
    const expiry = setTimeout(() => opening.socket.destroy(), MAX_AHEAD_MS);
    const ahead: Ahead = { opening, until: Date.now() + MAX_AHEAD_MS, expiry, isSecure: false };
    this.#ahead = ahead;
    const { secured, socket } = opening;
    void secured.then(
      () => {
        ahead.isSecure = true;
      },
      () => undefined,
    );
    socket.once('close', () => {
      if (this.#ahead === ahead) this.#ahead = undefined;
    });
  }
}

/**
 * A connection that is opened before its one request is known.
 *
 * The first `take` gets the connection that is open already. If that one failed or was closed meanwhile, `take` opens
 * another, once: nothing was sent over the first.
 */
export class PreparedConnection {
  readonly #connections: Connections;
  #latest: Opening;
  #isTaken: boolean = false;
  #isDiscarded: boolean = false;

  constructor(connections: Connections) {
    this.#connections = connections;
    this.#latest = connections.take();
  }

  /**
   * A secure connection over which nothing went yet, in either direction. The caller must use it before the event loop
   * turns.
   *
   * @throws what the connection failed with, or ConnectionUnusable.
   */
  async take(): Promise<TLSSocket> {
    if (!this.#isTaken) {
      this.#isTaken = true;
      const socket = await usable(this.#latest).catch(() => undefined);
      if (socket !== undefined) return socket;
    }
    if (this.#isDiscarded) throw new ConnectionUnusable('The connection was discarded.');
    this.#latest = this.#connections.open();
    return usable(this.#latest);
  }

  /** From now on nothing is opened, and what is open is closed. */
  discard(): void {
    this.#isDiscarded = true;
    this.#latest.socket.destroy();
  }
}

async function usable({ socket, secured }: Opening): Promise<TLSSocket> {
  await secured;
  // The event loop polls between two turns, so a close that has arrived already is seen. Seen later, it would make the
  // POST ambiguous.
  await setImmediate();
  await setImmediate();
  // A peer that speaks before it is asked would have its words taken for the answer.
  if (socket.readable && socket.writable && socket.readableLength === 0) return socket;
  socket.destroy();
  throw new ConnectionUnusable('The connection was closed before its request.');
}
