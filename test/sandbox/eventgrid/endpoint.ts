import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** Ms since some start. */
  readonly at: number;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly delayMs?: number;
}

/** A webhook of a subscriber: shakes hands as told, and answers notifications in turn, then with 200. */
export class Endpoint {
  readonly received: Received[] = [];
  readonly #server: Server;
  answer: (request: Received) => Answer = () => ({ status: 200 });

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Endpoint> {
    const server = createServer();
    const endpoint = new Endpoint(server);
    server.on('request', async (request, response) => {
      const text = Buffer.concat(await request.toArray()).toString();
      const received = { method: request.method ?? '', headers: request.headers, text, at: performance.now() };
      endpoint.received.push(received);
      const { status, headers, body, delayMs = 0 } = endpoint.answer(received);
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      response.writeHead(status, headers).end(body === undefined ? '' : JSON.stringify(body));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook?code=x`;
  }

  notifications(): Received[] {
    return this.received.filter(({ headers }) => headers['aeg-event-type'] === 'Notification');
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Agrees to either handshake, and answers notifications with the given statuses in turn, then with 200. */
export function agreeing(...statuses: readonly number[]): (request: Received) => Answer {
  const left = [...statuses];
  return ({ method, headers, text }) => {
    if (method === 'OPTIONS') {
      return {
        status: 200,
        headers: { 'webhook-allowed-origin': 'eventgrid.azure.net', 'webhook-allowed-rate': '120' },
      };
    }
    if (headers['aeg-event-type'] === 'SubscriptionValidation') {
      const [event] = JSON.parse(text) as { data: { validationCode: string } }[];
      return { status: 200, body: { validationResponse: event?.data.validationCode } };
    }
    return { status: left.shift() ?? 200 };
  };
}
