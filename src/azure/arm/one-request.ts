import { Agent } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import type { PreparedConnection } from './connection.ts';

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
