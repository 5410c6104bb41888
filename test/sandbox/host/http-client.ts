import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { FixtureHost } from './running-host.ts';

/** Requests to the host that runs. */
export function httpClient(fixture: () => FixtureHost) {
  /** Sends a request byte for byte: no client normalises it. */
  const send = (bytes: string, encoding: 'utf8' | 'latin1' = 'utf8'): Promise<string> => {
    const socket = connect(fixture().host.port, '127.0.0.1');
    socket.write(bytes, encoding);
    return text(socket);
  };
  return {
    send,
    raw: (...lines: string[]): Promise<string> =>
      send(`${lines.join('\r\n')}\r\nHost: vending.example\r\nConnection: close\r\n\r\n`),
    get: async (path: string): Promise<[number, string]> => {
      const response = await fetch(`${fixture().host.url}${path}`);
      return [response.status, await response.text()];
    },
  };
}
