import type { Script } from './scripted-arm.ts';

/** A script that answers with a request id, and the body as JSON unless it is text already. */
export const answering =
  (status: number, body?: unknown, headers: Record<string, string> = {}): Script =>
  (res) => {
    res.writeHead(status, { 'x-ms-request-id': 'req-1', ...headers });
    res.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
  };
