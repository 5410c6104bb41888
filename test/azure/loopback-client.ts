import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';

/** Leads every request to one emulator on loopback, which proves that it is the host asked for by its certificate. */
export function loopbackClient(port: number, ca: string): HttpClient {
  const client = createDefaultHttpClient();
  return {
    sendRequest: (request) => {
      const { hostname } = new URL(request.url);
      request.headers.set('host', hostname);
      request.requestOverrides = { hostname: '127.0.0.1', port, servername: hostname, ca };
      return client.sendRequest(request);
    },
  };
}

/** A credential whose tokens are all the same text. */
export const tokenCredential = (token: string): TokenCredential => ({
  getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
});
