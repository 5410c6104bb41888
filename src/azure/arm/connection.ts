import { Agent } from 'node:https';
import { isIP } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { connect, createSecureContext, type TLSSocket } from 'node:tls';
import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';

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
    });
    socket.once('close', () => reject(new ConnectionUnusable('The connection was closed.')));
    secured.catch(() => undefined);
    return { socket, secured };
  };
}

/**
 * A connection that is opened ahead of its one request.
 *
 * The first `take` gets the connection that is open already. If that one failed or was closed meanwhile, `take` opens
 * another, once: nothing was sent over the first.
 */
export class PreparedConnection {
  readonly #open: OpenConnection;
  #latest: Opening;
  #isTaken: boolean = false;
  #isDiscarded: boolean = false;

  constructor(open: OpenConnection) {
    this.#open = open;
    this.#latest = open();
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
    this.#latest = this.#open();
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

/**
 * How far a request came. `authorizing`: it waits for a token. `connecting`: it waits for its connection. `sent`: the
 * server may have it.
 */
export type Stage = 'authorizing' | 'connecting' | 'sent';

/**
 * An HTTP client for one request that must not take effect twice. Each sending goes over a connection of its own.
 *
 * A 401 proves that the server did nothing, so the authentication policy may answer its challenge and send again. Any
 * other second sending is refused.
 */
export class OneRequest implements HttpClient {
  readonly #client: HttpClient;
  readonly #connection: Pick<PreparedConnection, 'take'>;
  #stage: Stage = 'authorizing';

  constructor(client: HttpClient, connection: Pick<PreparedConnection, 'take'>) {
    this.#client = client;
    this.#connection = connection;
  }

  get stage(): Stage {
    return this.#stage;
  }

  async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    this.#refuseSecondSending();
    this.#stage = 'connecting';
    const socket = await this.#connection.take();
    this.#refuseSecondSending();
    // The deadline may have passed meanwhile. Then the caller knows already that nothing was sent.
    if (request.abortSignal?.aborted) throw new Error('The deadline has passed: nothing is sent any more.');
    request.agent = new AgentOfOneSocket(socket);
    this.#stage = 'sent';
    const response = await this.#client.sendRequest(request);
    if (response.status === 401) this.#stage = 'authorizing';
    return response;
  }

  #refuseSecondSending(): void {
    if (this.#stage === 'sent') throw new Error('This request may have taken effect: it is not sent again.');
  }
}

/** Hands out the socket that is open already, and closes it after the answer. */
class AgentOfOneSocket extends Agent {
  readonly #socket: TLSSocket;

  constructor(socket: TLSSocket) {
    super({ keepAlive: false });
    this.#socket = socket;
  }

  override createConnection(): TLSSocket {
    return this.#socket;
  }
}
