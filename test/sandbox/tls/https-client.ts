import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request } from 'node:https';

export interface RawRequest {
  readonly port: number;
  readonly ca: string;
  readonly method?: string;
  /** Sent as it is: no client between the test and the wire normalises it. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One request to an emulator on loopback, on a connection of its own. */
export async function send({ port, ca, method, path, headers, body }: RawRequest): Promise<RawResponse> {
  const sent = request({
    host: '127.0.0.1',
    port,
    ca,
    agent: false,
    method: method ?? 'GET',
    path,
    headers: headers ?? {},
  });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() };
}
